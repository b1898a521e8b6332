package quiz

import (
	"encoding/json"
	"math/rand/v2"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"sunnycampus/quizserver/fault"
)

// item parses one item whose body is given.
func item(t *testing.T, body string) Item {
	t.Helper()
	q, err := Parse("q.md", []byte(head+"## 题干 {#a points=7}\n"+body))
	if err != nil {
		t.Fatal(err)
	}
	return q.Items[0]
}

// ids gives the option ids for a string of option texts of one rune each.
func ids(it Item, texts string) []string {
	var all []string
	for _, text := range texts {
		i := slices.IndexFunc(it.Options, func(o Option) bool { return o.Text == string(text) })
		if i < 0 {
			all = append(all, string(text))
			continue
		}
		all = append(all, it.Options[i].ID)
	}
	return all
}

func TestMarkChoices(t *testing.T) {
	const (
		single    = "- [x] 甲\n- [ ] 乙\n- [ ] 丙\n"
		multiple  = "- [x] 甲\n- [x] 乙\n- [ ] 丙\n"
		truefalse = "- [x] 对\n- [ ] 错\n"
		ordering  = "1. 甲\n2. 乙\n3. 丙\n"
	)
	tests := []struct {
		body, choice, want string // want: right, wrong or invalid
	}{
		{single, "甲", "right"},
		{single, "乙", "wrong"},
		{single, "", "invalid"},
		{single, "甲乙", "invalid"},
		{single, "丁", "invalid"},
		{truefalse, "对", "right"},
		{truefalse, "错", "wrong"},
		{truefalse, "对错", "invalid"},
		{multiple, "甲乙", "right"},
		{multiple, "乙甲", "right"},
		{multiple, "甲", "wrong"},
		{multiple, "甲乙丙", "wrong"},
		{multiple, "甲甲", "invalid"},
		{multiple, "甲乙丙丁", "invalid"},
		{ordering, "甲乙丙", "right"},
		{ordering, "甲丙乙", "wrong"},
		{ordering, "甲乙", "invalid"},
		{ordering, "甲乙乙", "invalid"},
	}
	for _, tt := range tests {
		it := item(t, tt.body)
		correct, points, err := it.Mark(ids(it, tt.choice))
		checkMark(t, it.Type, tt.choice, tt.want, correct, points, err)
	}
}

func TestMarkFill(t *testing.T) {
	tests := []struct{ accept, answer, want string }{
		{"12355", "１２３５５", "right"},
		{"未成年人保护法", " 《未成年人 保护法》。", "right"},
		{"Stop Bullying | 停", "stop-bullying!", "right"},
		{"Stop Bullying | 停", "停", "right"},
		{"3.5", "35", "wrong"},
		{"3.5", "３．５", "right"},
		{"1,000", "1000", "right"},
		{"1/2", "12", "wrong"},
		{"-3", "3", "wrong"},
		{"50%", "50", "wrong"},
		{"甲", "乙", "wrong"},
		{"甲", " 。", "invalid"},
		{"甲", "\xff", "invalid"},
		{"甲", strings.Repeat("甲", 201), "invalid"},
	}
	for _, tt := range tests {
		it := item(t, "= "+tt.accept+"\n")
		correct, points, err := it.Mark([]string{tt.answer})
		checkMark(t, tt.accept, tt.answer, tt.want, correct, points, err)
	}
	it := item(t, "= 甲\n")
	for _, choice := range [][]string{nil, {"甲", "甲"}} {
		correct, points, err := it.Mark(choice)
		checkMark(t, "甲", choice, "invalid", correct, points, err)
	}
}

func checkMark(t *testing.T, what, choice any, want string, correct bool, points int, err error) {
	t.Helper()
	got := "wrong"
	switch kind, _ := fault.Of(err); {
	case err != nil && kind == fault.Invalid && !correct && points == 0:
		got = "invalid"
	case err == nil && correct && points == 7:
		got = "right"
	case err != nil || correct || points != 0:
		got = "nonsense"
	}
	if got != want {
		t.Errorf("Mark of %v for %v = %v, %d, %v; want %s", what, choice, correct, points, err, want)
	}
}

func TestMarkPollIsNeverRight(t *testing.T) {
	q, err := Parse("q.md", []byte(head+"## 题干 {#a poll=true points=7}\n- [ ] 甲\n- [ ] 乙\n"))
	if err != nil {
		t.Fatal(err)
	}
	it := q.Items[0]
	if it.Points != 0 || it.Key() != nil {
		t.Errorf("poll has points %d and key %v, want none", it.Points, it.Key())
	}
	if correct, points, err := it.Mark(ids(it, "乙")); correct || points != 0 || err != nil {
		t.Errorf("Mark = %v, %d, %v; want false, 0, nil", correct, points, err)
	}
}

func all(t *testing.T) *Quiz {
	t.Helper()
	src, err := os.ReadFile("testdata/all-types.md")
	if err != nil {
		t.Fatal(err)
	}
	q, err := Parse("all-types.md", src)
	if err != nil {
		t.Fatal(err)
	}
	return q
}

func TestDrawLeavesTheQuizAlone(t *testing.T) {
	q, untouched := all(t), all(t)
	d := q.Draw(rand.New(rand.NewPCG(1, 2)))
	d.Audience[0], d.Topics[0], d.Reviewed.By = "x", "x", "x"
	for i := range d.Items {
		it := &d.Items[i]
		for j := range it.Options {
			it.Options[j].Text = "x"
			if it.Options[j].Image != nil {
				it.Options[j].Image.Alt = "x"
			}
		}
		for j := range it.Accept {
			it.Accept[j] = "x"
		}
		for j := range it.Order {
			it.Order[j] = "x"
		}
		if it.Image != nil {
			it.Image.Alt = "x"
		}
	}
	if diff := cmp.Diff(untouched, q); diff != "" {
		t.Errorf("a change of the drawn copy changed the quiz (-want +got):\n%s", diff)
	}
}

func TestDrawOrder(t *testing.T) {
	q := all(t)
	texts := func(it Item) string {
		var all []string
		for _, o := range it.Options {
			all = append(all, o.Text)
		}
		return strings.Join(all, "|")
	}
	moved := map[string]bool{}
	for seed := range uint64(50) {
		d := q.Draw(rand.New(rand.NewPCG(seed, 0)))
		for i, it := range d.Items {
			was := q.Items[i]
			if texts(it) != texts(was) {
				moved[it.ID] = true
			}
			for j, o := range it.Options {
				if o.ID == was.Options[j].ID {
					t.Errorf("item %s option %d kept the id %s", it.ID, j, o.ID)
				}
			}
			if it.Type == Ordering && slices.Equal(it.Order, ids2(it.Prompt())) {
				t.Errorf("seed %d: the ordering item is shown solved", seed)
			}
		}
	}
	want := map[string]bool{"def-1": true, "school-duty": true, "steps": true, "picture": true}
	if !reflect.DeepEqual(moved, want) {
		t.Errorf("items whose options moved = %v, want %v", moved, want)
	}
}

// ids2 lists the options as a prompt shows them.
func ids2(p Prompt) []string {
	var all []string
	for _, o := range p.Options {
		all = append(all, o.ID)
	}
	return all
}

func TestDrawSurvivesJSON(t *testing.T) {
	d := all(t).Draw(rand.New(rand.NewPCG(3, 4)))
	raw, err := json.Marshal(d)
	if err != nil {
		t.Fatal(err)
	}
	var back Quiz
	if err := json.Unmarshal(raw, &back); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(d, &back); diff != "" {
		t.Errorf("JSON round trip (-want +got):\n%s", diff)
	}
}

func TestPromptShowsNoOrder(t *testing.T) {
	it := item(t, "1. 甲\n2. 乙\n3. 丙\n4. 丁\n")
	shown := ids2(it.Prompt())
	slices.Reverse(it.Options)
	slices.Reverse(it.Order)
	if again := ids2(it.Prompt()); !slices.Equal(shown, again) {
		t.Errorf("prompt of the reversed item shows %v, want %v as before", again, shown)
	}
}

func TestPromptOptionsAreAnArray(t *testing.T) {
	raw, err := json.Marshal(item(t, "= 甲\n").Prompt())
	want := `{"id":"a","type":"fill","stem":"题干","options":[],"points":7,"seconds":30}`
	if err != nil || string(raw) != want {
		t.Errorf("prompt of a fill-in = %s, %v; want %s", raw, err, want)
	}
}

func TestKeyFreeIsNoShortcodeAndNoMarkup(t *testing.T) {
	stem := "1. {{< x >}} {{% y %}} <!--more--> **a** [b](c) &lt; {#d}"
	option := "- 2) # `e` _f_ ![g](h)"
	q := &Quiz{ID: "q", Title: "题", Items: []Item{{ID: "a", Type: Single, Stem: stem, Options: []Option{{Text: option}, {Text: "3. i"}}}}}
	page := string(KeyFree(q))
	for _, taken := range []string{"{{", "<!--more-->"} {
		if strings.Contains(page, taken) {
			t.Errorf("page holds %q:\n%s", taken, page)
		}
	}
	checkKeyFree(t, q)
}

func TestKeyFreeHidesTheOrderOfTheFile(t *testing.T) {
	for _, bodies := range [][2]string{
		{"1. 甲\n2. 乙\n3. 丙\n", "1. 丙\n2. 甲\n3. 乙\n"},
		{"- [x] 甲\n- [ ] 乙\n- [ ] 丙\n", "- [ ] 丙\n- [ ] 甲\n- [x] 乙\n"},
		{"- [x] 对\n- [ ] 错\n", "- [x] 错\n- [ ] 对\n"},
		{"= 甲\n\n> 乙\n", "= 丙\n"},
	} {
		one := KeyFree(&Quiz{Items: []Item{item(t, bodies[0])}})
		two := KeyFree(&Quiz{Items: []Item{item(t, bodies[1])}})
		if diff := cmp.Diff(string(one), string(two)); diff != "" {
			t.Errorf("pages of %q and %q differ, so they tell the key:\n%s", bodies[0], bodies[1], diff)
		}
	}
}
