package quiz

import (
	"cmp"
	"math/rand/v2"
	"slices"
)

// idLetters leaves out what is easily confused when read aloud or copied.
const (
	idLetters = "23456789abcdefghjkmnpqrstuvwxyz"
	idLength  = 6
)

// Draw returns a copy of the quiz for one room: options get fresh random ids
// and a random order, so that neither tells the key from another room or from
// the file. 对 stays before 错, and shuffle=no keeps its order.
func (q *Quiz) Draw(r *rand.Rand) *Quiz {
	d := *q
	d.Audience, d.Topics = slices.Clone(q.Audience), slices.Clone(q.Topics)
	if q.Reviewed != nil {
		review := *q.Reviewed
		d.Reviewed = &review
	}
	d.Items = make([]Item, len(q.Items))
	for i, it := range q.Items {
		d.Items[i] = it.draw(r)
		for d.Items[i].solved() {
			d.Items[i] = it.draw(r)
		}
	}
	return &d
}

func (it Item) draw(r *rand.Rand) Item {
	it.Image, it.Accept = it.Image.clone(), slices.Clone(it.Accept)
	fresh := make(map[string]string, len(it.Options))
	taken := make(map[string]bool, len(it.Options))
	options := slices.Clone(it.Options)
	for i := range options {
		o := &options[i]
		id := randomID(r)
		for taken[id] {
			id = randomID(r)
		}
		taken[id], fresh[o.ID] = true, id
		o.ID, o.Image = id, o.Image.clone()
	}
	it.Options = options
	switch {
	case it.Type == Ordering:
		it.Order = slices.Clone(it.Order)
		for i, id := range it.Order {
			it.Order[i] = fresh[id]
		}
		// Random ids sort into a random order, and Prompt sorts by id too.
		slices.SortFunc(it.Options, func(a, b Option) int { return cmp.Compare(a.ID, b.ID) })
	case it.Type != TrueFalse && !it.Fixed:
		r.Shuffle(len(options), func(i, j int) { options[i], options[j] = options[j], options[i] })
	}
	return it
}

// solved reports whether an ordering item shows its options in the right
// order, which would reward whoever hands it in untouched.
func (it Item) solved() bool {
	if it.Type != Ordering || len(it.Options) < 2 {
		return false
	}
	return slices.EqualFunc(it.Options, it.Order, func(o Option, id string) bool { return o.ID == id })
}

func randomID(r *rand.Rand) string {
	var id [idLength]byte
	for i := range id {
		id[i] = idLetters[r.IntN(len(idLetters))]
	}
	return string(id[:])
}
