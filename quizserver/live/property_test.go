package live

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"sunnycampus/quizserver/fault"
	"sunnycampus/quizserver/quiz"
)

// model is what a room should be, kept simple: maps, and no cache.
type model struct {
	*class
	state   string
	item    int
	opening int
	version int64
	hidden  bool
	timed   bool
	left    time.Duration // of a timed item that is open or paused
	undo    *left         // by the last action
	tokens  map[int]string
	kicked  map[int]bool
	given   map[given][]string // the choice that stands
	scored  map[int]int        // the opening of an item that was revealed last
}

type given struct{ item, opening, seat int }

// left is what an action that can be taken back has left.
type left struct {
	state         string
	item, opening int
	left          time.Duration
}

// TestRoomMatchesModel plays random quizzes in virtual time: actions,
// answers, arrivals, waiting and restarts.
func TestRoomMatchesModel(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		db := openStore(t)
		t.Cleanup(func() { must(t, db.Close()) })
		// rapid looks for a deadline, which a test in a bubble must not do.
		rapid.Check(struct{ rapid.TB }{t}, func(rt *rapid.T) {
			timed := rapid.Bool().Draw(rt, "timed")
			rooms := newRooms(db)
			code, token, err := rooms.Create(context.Background(), parse(t), Setup{Mode: "devices", Timed: timed})
			must(t, err)
			m := &model{class: &class{t: failing{t, rt}, db: db, rooms: rooms, code: code, token: token},
				state: Lobby, version: 1, timed: timed,
				tokens: map[int]string{}, kicked: map[int]bool{}, given: map[given][]string{}, scored: map[int]int{}}
			m.enter()
			defer func() { m.rooms.Stop() }()
			rt.Repeat(map[string]func(*rapid.T){
				"":        m.check,
				"control": m.control,
				"onward":  m.onward,
				"answer":  m.answerOnce,
				"sit":     m.sitDown,
				"kick":    m.kick,
				"wait":    m.wait,
				"restart": m.restartServer,
			})
		})
	})
}

func (m *model) control(t *rapid.T) {
	m.act(t, rapid.SampledFrom(strings.Fields("open reopen pause resume close reveal next skip end hide extend undo undo explode")).Draw(t, "action"))
}

// onward is the way of most quizzes, so that random play gets anywhere.
func (m *model) onward(t *rapid.T) {
	next := map[string]string{Lobby: "open", Ready: "open", Open: "close", Paused: "resume", Closed: "reveal", Revealed: "next", Ended: "hide"}
	m.act(t, next[m.state])
}

func (m *model) act(t *rapid.T, action string) {
	version := m.version - rapid.SampledFrom([]int64{0, 0, 0, 0, 0, 0, 0, 1, -1}).Draw(t, "stale")
	err := m.Control(context.Background(), action, version, 0)
	to := leadsTo(moves, m.state, action)
	last := m.item == len(m.Quiz().Items)-1
	if last && (action == "skip" || action == "next" && m.state != Lobby) {
		to = ""
	}
	if action == "reopen" && m.state == Revealed && m.Quiz().Items[m.item].Type == quiz.Poll {
		to = Open
	}
	if action == "extend" && !m.timed {
		to = ""
	}
	if action == "undo" && m.undo != nil {
		if to = m.undo.state; to == Open {
			to = Paused
		}
	}
	if version != m.version || to == "" {
		if err == nil {
			t.Fatalf("%s of version %d was not refused while %s at %d", action, version, m.state, m.version)
		}
		return
	}
	if err != nil {
		t.Fatalf("%s while %s: %v", action, m.state, err)
	}
	m.version++
	was := &left{m.state, m.item, m.opening, m.left}
	switch action {
	case "undo":
		m.item, m.opening, m.left = m.undo.item, m.undo.opening, m.undo.left
	case "open", "reopen":
		m.opening++
		m.left = time.Duration(m.Quiz().Items[m.item].Seconds) * time.Second
	case "extend":
		m.left += 15 * time.Second
	case "next", "skip":
		if action == "skip" || m.state != Lobby {
			m.item, m.opening = m.item+1, 0
		}
	case "reveal":
		m.scored[m.item] = m.opening
	case "hide":
		m.hidden = !m.hidden
	}
	switch action {
	case "next", "skip", "end":
		m.undo = was
	case "hide":
	default:
		m.undo = nil
	}
	m.state = to
}

func (m *model) answerOnce(t *rapid.T) {
	if len(m.tokens) == 0 {
		return
	}
	seat := rapid.SampledFrom(slices.Sorted(maps.Keys(m.tokens))).Draw(t, "seat")
	v, err := m.Authorize(m.tokens[seat])
	if m.kicked[seat] != (err != nil) {
		t.Fatalf("Authorize of seat %d: %v, kicked: %v", seat, err, m.kicked[seat])
	}
	if err != nil {
		return
	}
	at := given{m.item, m.opening, seat}
	switch rapid.IntRange(0, 9).Draw(t, "to") {
	case 0:
		at.item = rapid.IntRange(0, len(m.Quiz().Items)-1).Draw(t, "item")
	case 1:
		at.opening = rapid.IntRange(0, 3).Draw(t, "opening")
	}
	choice := m.choices(at.item)[rapid.IntRange(0, 2).Draw(t, "choice")]
	receipt, err := m.Answer(context.Background(), v, m.Quiz().Items[at.item].ID, at.opening, choice, time.Now())
	first, again := m.given[at]
	switch {
	case again:
		if err != nil || !receipt.Kept || !slices.Equal(receipt.Choice, first) {
			t.Fatalf("a second answer to %+v: %+v (%v), want %v kept", at, receipt, err, first)
		}
	case m.state != Open || at.item != m.item || at.opening != m.opening:
		wantKind(m.t, fmt.Sprintf("Answer to %+v while %s", at, m.state), err, fault.Conflict)
	case choice[0] == "nonsense" && m.Quiz().Items[at.item].Type != quiz.Fill:
		wantKind(m.t, "Answer with a choice that is none", err, fault.Invalid)
	default:
		if err != nil || receipt.Kept || !slices.Equal(receipt.Choice, choice) {
			t.Fatalf("Answer to %+v: %+v (%v)", at, receipt, err)
		}
		m.given[at] = choice
	}
}

// choices are the right one (but for the canary), another, and none.
func (m *model) choices(item int) [][]string {
	it := m.Quiz().Items[item]
	nonsense := []string{"nonsense"}
	switch it.Type {
	case quiz.Fill:
		return [][]string{{"12355"}, {"110"}, nonsense}
	case quiz.Ordering:
		other := slices.Clone(it.Order)
		slices.Reverse(other)
		return [][]string{it.Order, other, nonsense}
	case quiz.Poll:
		return [][]string{{it.Options[0].ID}, {it.Options[1].ID}, nonsense}
	}
	for _, o := range it.Options {
		if !o.Correct {
			return [][]string{it.Key(), {o.ID}, nonsense}
		}
	}
	return nil
}

func (m *model) sitDown(t *rapid.T) {
	number := rapid.IntRange(0, 4).Draw(t, "number")
	seat, token, err := m.Sit(context.Background(), number)
	_, taken := m.tokens[number]
	switch {
	case m.state == Ended:
		wantKind(m.t, "Sit at the end", err, fault.Conflict)
	case number > 0 && m.kicked[number]:
		wantKind(m.t, "Sit on a kicked seat", err, fault.Denied)
	case number > 0 && taken:
		wantKind(m.t, "Sit on a taken seat", err, fault.Conflict)
	default:
		if err != nil || number > 0 && seat.Number != number || m.tokens[seat.Number] != "" {
			t.Fatalf("Sit(%d): %+v (%v)", number, seat, err)
		}
		m.tokens[seat.Number] = token
	}
}

func (m *model) kick(t *rapid.T) {
	if len(m.tokens) == 0 {
		return
	}
	seat := rapid.SampledFrom(slices.Sorted(maps.Keys(m.tokens))).Draw(t, "seat")
	action := "kick"
	if m.kicked[seat] {
		action = "readmit"
	}
	must(m.t, m.Control(context.Background(), action, 0, seat))
	m.kicked[seat] = action == "kick"
	if action == "readmit" {
		delete(m.tokens, seat) // whose old token must not come back
	}
}

func (m *model) wait(t *rapid.T) {
	d := time.Duration(rapid.IntRange(1, 20_000).Draw(t, "ms")) * time.Millisecond
	pass(d)
	if !m.timed || m.state != Open {
		return
	}
	if m.left -= d; m.left <= 0 {
		m.state, m.version, m.undo = Closed, m.version+1, nil
	}
}

func (m *model) restartServer(t *rapid.T) {
	m.restart()
	if m.timed && m.state == Open {
		left := time.Duration(*m.View(m.host).RemainingMS) * time.Millisecond
		if left < m.left || left > m.left+time.Second {
			t.Fatalf("a restart resumes with %v, want %v or up to a second more", left, m.left)
		}
		m.left = left
	}
}

// check compares all that anybody can see.
func (m *model) check(t *rapid.T) {
	host := m.View(m.host)
	got := fmt.Sprint(host.State, host.Item, host.Opening, host.Version, host.BoardHidden, host.CanUndo)
	if want := fmt.Sprint(m.state, m.item, m.opening, m.version, m.hidden, m.undo != nil); got != want {
		t.Fatalf("the room is %s, want %s", got, want)
	}
	if host.RemainingMS != nil && time.Duration(*host.RemainingMS)*time.Millisecond != m.left {
		t.Fatalf("%d ms are left, want %v", *host.RemainingMS, m.left)
	}
	m.checkAnswers(t, host)
	if stranger := encode(m.t, m.View(Viewer{})); strings.Contains(stranger, "prompt") {
		t.Fatalf("a stranger sees %s", stranger)
	}
	for seat, token := range m.tokens {
		if m.kicked[seat] {
			continue
		}
		v, err := m.Authorize(token)
		if err != nil || v.Seat != seat {
			t.Fatalf("Authorize of seat %d: %+v (%v)", seat, v, err)
		}
		m.checkPupil(t, v)
	}
}

// checkAnswers compares the host's counts and what is stored with the model.
func (m *model) checkAnswers(t *rapid.T, host View) {
	answered, correct, all, total := 0, 0, Board{}, 0
	for at, choice := range m.given {
		item := m.Quiz().Items[at.item]
		ok, points, err := item.Mark(choice)
		must(m.t, err)
		if at.item == m.item && at.opening == m.opening {
			answered++
			correct += count(ok)
		}
		if m.scored[at.item] == at.opening && item.Type != quiz.Poll {
			all.Answered++
			all.Correct += count(ok)
			all.Points += points
		}
		stored, err := m.db.Answer(context.Background(), m.code, item.ID, at.opening, at.seat)
		if err != nil || !slices.Equal(stored.Choice, choice) || stored.Points != points || stored.Correct != ok {
			t.Fatalf("stored for %+v: %+v (%v), want %v", at, stored, err, choice)
		}
		total++
	}
	if stored, err := m.db.Answers(context.Background(), m.code); err != nil || len(stored) != total {
		t.Fatalf("%d answers stored (%v), want %d", len(stored), err, total)
	}
	if n := host.Answered[m.Quiz().Items[m.item].ID]; n != answered {
		t.Fatalf("the host sees %d answered, want %d", n, answered)
	}
	if r := host.Reveal; r != nil && (r.Answered != answered || r.Correct != correct) {
		t.Fatalf("the reveal counts %d and %d correct, want %d and %d", r.Answered, r.Correct, answered, correct)
	}
	if b := host.Board; b != nil {
		if diff := cmp.Diff(all, Board{Answered: b.Answered, Correct: b.Correct, Points: b.Points}); diff != "" {
			t.Fatalf("the board against a recount (-want +got):\n%s", diff)
		}
	}
}

// checkPupil checks a pupil's view and stream: own points and choice, and no
// key that is not revealed.
func (m *model) checkPupil(t *rapid.T, v Viewer) {
	view := m.View(v)
	points := 0
	for at, choice := range m.given {
		if at.seat == v.Seat && m.scored[at.item] == at.opening {
			_, p, err := m.Quiz().Items[at.item].Mark(choice)
			must(m.t, err)
			points += p
		}
	}
	choice := m.given[given{m.item, m.opening, v.Seat}]
	if view.Own.Points != points || !slices.Equal(view.Own.Choice, choice) {
		t.Fatalf("seat %d sees %+v, want %d points and %v", v.Seat, view.Own, points, choice)
	}
	watch := m.Watch(v)
	defer watch.Close()
	events, gone := watch.Events()
	if gone || len(events) != 1 {
		t.Fatalf("the stream of seat %d began with %v (gone %v)", v.Seat, events, gone)
	}
	if m.state != Revealed {
		wantNoKey(m.t, "the view of a pupil", encode(m.t, view))
		wantNoKey(m.t, "the stream of a pupil", string(events[0].Data))
		screen := m.View(m.host) // everybody sees it on the wall
		screen.Board = nil
		wantNoKey(m.t, "the view of the host", encode(m.t, screen))
	} else if !slices.Equal(view.Reveal.Key, orEmpty(m.Quiz().Items[m.item].Key())) {
		t.Fatalf("the reveal shows %v", view.Reveal.Key)
	}
}

func orEmpty(key []string) []string {
	if key == nil {
		return []string{}
	}
	return key
}

func count(b bool) int {
	if b {
		return 1
	}
	return 0
}

// failing reports through rapid, so that it can shrink what failed.
type failing struct {
	testing.TB
	t *rapid.T
}

func (f failing) Helper()                   {}
func (f failing) Fatal(args ...any)         { f.t.Fatal(args...) }
func (f failing) Fatalf(s string, a ...any) { f.t.Fatalf(s, a...) }
func (f failing) Errorf(s string, a ...any) { f.t.Errorf(s, a...) }
