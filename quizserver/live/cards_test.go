package live

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"sunnycampus/quizserver/fault"
	"sunnycampus/quizserver/quiz"
)

// read notes cards by the text of the option that they show.
func (c *class) read(cards map[int]string) (Tally, error) {
	c.t.Helper()
	view := c.View(c.host)
	options := map[int][]string{}
	for seat, text := range cards {
		options[seat] = nil
		for text := range strings.SplitSeq(text, "+") {
			at := slices.IndexFunc(view.Prompt.Options, func(o quiz.PromptOption) bool { return o.Text == text })
			if at >= 0 {
				text = view.Prompt.Options[at].ID
			}
			if text != "" {
				options[seat] = append(options[seat], text)
			}
		}
	}
	return c.Note(context.Background(), view.Prompt.ID, view.Opening, options)
}

// TestCardsAnswer: the last reading of a seat stands until the reveal, over a
// restart, and counts as any other answer does.
func TestCardsAnswer(t *testing.T) {
	c := newClass(t, hands(t), "cards", false)
	_, _, err := c.Sit(context.Background(), 5)
	wantKind(t, "Sit where cards answer", err, fault.Conflict)
	c.do("next")
	_, err = c.Note(context.Background(), "single", 0, map[int][]string{1: nil})
	wantKind(t, "cards before the item is open", err, fault.Conflict)
	c.do("open")
	tally, err := c.read(map[int]string{1: "长期辱骂", 2: "争论", 63: "争论"})
	must(t, err)
	if tally.Answered != 3 {
		t.Errorf("read %+v", tally)
	}
	c.do("close") // a card that was missed is read before the reveal
	_, err = c.read(map[int]string{2: "长期辱骂", 7: "碰撞", 63: ""})
	must(t, err)
	c.restart()
	for what, cards := range map[string]map[int]string{"no such option": {1: "nonsense"}, "no such seat": {64: "争论"}, "seat 0": {0: "争论"}} {
		_, err := c.read(cards)
		wantKind(t, what, err, fault.Invalid)
	}
	c.do("reveal")
	_, err = c.read(map[int]string{1: "争论"})
	wantKind(t, "cards after the reveal", err, fault.Conflict)
	view := c.View(c.host)
	if r := view.Reveal; r.Answered != 3 || r.Correct != 2 || sum(r.Counts) != 3 {
		t.Errorf("revealed %+v", r)
	}
	if len(view.SeatList) != 4 || view.SeatList[0].Nickname != "1 号" || !view.SeatList[0].Answered || view.SeatList[3].Answered {
		t.Errorf("seats %+v", view.SeatList)
	}
	c.do("next open")
	_, err = c.read(map[int]string{1: "制止"})
	wantKind(t, "several right options on one card", err, fault.Invalid)
	c.do("end")
	if b := c.View(c.host).Board; b.Answered != 3 || b.Correct != 2 || b.Points != 20 || len(b.Top) != 2 {
		t.Errorf("board %+v", b)
	}
	results, err := c.Results(context.Background())
	must(t, err)
	if len(results.Seats) != 4 || results.Seats[1].Points != 10 || results.Summary["single"].Answered != 3 {
		t.Errorf("results %+v", results)
	}
	log, err := c.Log(context.Background())
	must(t, err)
	cards := 0
	for _, line := range log {
		if line.Event == "cards" {
			cards++
		}
	}
	if cards != 2 {
		t.Errorf("the log tells of %d readings", cards)
	}
}

// TestTeamsSayTheirAnswers: each team has a seat from the start, may say
// several options, and only the first of them stand on the board.
func TestTeamsSayTheirAnswers(t *testing.T) {
	c := newClass(t, hands(t), "teams", false) // three of them
	_, _, err := c.Sit(context.Background(), 1)
	wantKind(t, "Sit where teams answer", err, fault.Conflict)
	c.do("open")
	_, err = c.read(map[int]string{1: "长期辱骂", 2: "争论"})
	must(t, err)
	_, err = c.read(map[int]string{2: "长期辱骂", 3: "碰撞"})
	must(t, err)
	_, err = c.read(map[int]string{4: "碰撞"})
	wantKind(t, "a team that is none", err, fault.Invalid)
	view := c.View(c.host)
	if len(view.SeatList) != 3 || view.SeatList[2].Nickname != "3 队" || len(view.Choices) != 3 || len(view.Choices[3]) != 1 {
		t.Errorf("the host sees %+v", view)
	}
	if c.View(Viewer{}).Choices != nil {
		t.Error("a stranger sees what teams say")
	}
	c.do("close reveal next open")
	_, err = c.read(map[int]string{1: "制止+通知父母", 2: "制止"})
	must(t, err)
	c.restart()
	c.do("close reveal end")
	if b := c.View(c.host).Board; len(b.Top) != 1 || b.Top[0].Nickname != "1 队" || b.Top[0].Points != 30 || b.Correct != 3 || b.Answered != 5 {
		t.Errorf("board %+v", b)
	}
	for _, n := range []int{0, 1, 9} {
		_, _, err := c.rooms.Create(t.Context(), hands(t), Setup{Mode: "teams", Teams: n})
		wantKind(t, fmt.Sprint(n, " teams"), err, fault.Invalid)
	}
}

// Only a room of cards takes cards, and only a wall counts hands.
func TestCardsAreForTheirRoom(t *testing.T) {
	for _, mode := range []string{"wall", "devices"} {
		c := newClass(t, hands(t), mode, false)
		c.do("open")
		_, err := c.read(map[int]string{1: "争论"})
		wantKind(t, "cards in mode "+mode, err, fault.Conflict)
	}
	c := newClass(t, hands(t), "cards", false)
	c.do("open")
	_, err := c.Tally(context.Background(), "single", 1, "", map[string]int{})
	wantKind(t, "hands where cards answer", err, fault.Conflict)
}

// TestAnotherDeviceTakesOver: only while the host's door is open, and only the
// one whose number the teacher lets in.
func TestAnotherDeviceTakesOver(t *testing.T) {
	c := newClass(t, hands(t), "cards", false)
	ctx := context.Background()
	_, _, err := c.Claim()
	wantKind(t, "a claim nobody waits for", err, fault.Conflict)
	c.OpenClaims()
	mine, number, err := c.Claim()
	must(t, err)
	other, otherNumber, err := c.Claim()
	must(t, err)
	if got := c.View(c.host).Claims; len(got) != 2 || got[0] != number || number == otherNumber || len(number) != 3 {
		t.Errorf("the host sees %v", got)
	}
	if state, token, err := c.ClaimState(mine); state != ClaimWaiting || token != "" || err != nil {
		t.Errorf("waiting: %q %q %v", state, token, err)
	}
	wantKind(t, "letting in a number that nobody has", c.DecideClaim(ctx, "99", true), fault.NotFound)
	must(t, c.DecideClaim(ctx, otherNumber, false))
	must(t, c.DecideClaim(ctx, number, true))
	if state, token, _ := c.ClaimState(other); state != ClaimRefused || token != "" {
		t.Errorf("the other is %q with %q", state, token)
	}
	state, token, err := c.ClaimState(mine)
	if v, authErr := c.Authorize(token); state != ClaimAdmitted || err != nil || authErr != nil || !v.Host {
		t.Errorf("admitted: %q (%v), host %+v (%v)", state, err, v, authErr)
	}
	_, _, err = c.Claim()
	wantKind(t, "a claim after one was let in", err, fault.Conflict)
	_, _, err = c.ClaimState("")
	wantKind(t, "a claim of nobody", err, fault.NotFound)
	c.restart()
	if v, err := c.Authorize(token); err != nil || !v.Host {
		t.Errorf("after a restart: %+v (%v)", v, err)
	}
	c.OpenClaims()
	for range maxClaims {
		_, _, err = c.Claim()
		must(t, err)
	}
	_, _, err = c.Claim()
	wantKind(t, "one claim too many", err, fault.TooMany)
	if state, _, err := c.ClaimState(mine); err == nil {
		t.Errorf("an old claim is still %s", state)
	}
	c.OpenClaims()
	mine, number, err = c.Claim()
	must(t, err)
	c.mu.Lock()
	c.claimsUntil = time.Now().Add(-time.Second)
	c.mu.Unlock()
	_, _, err = c.ClaimState(mine)
	wantKind(t, "a claim that ran out", err, fault.NotFound)
	wantKind(t, "letting in what ran out", c.DecideClaim(ctx, number, true), fault.NotFound)

	// The second host dismisses a third; the first can only go by itself.
	second, err := c.Authorize(token)
	must(t, err)
	c.OpenClaims()
	mine, number, err = c.Claim()
	must(t, err)
	must(t, c.DecideClaim(ctx, number, true))
	_, thirdToken, err := c.ClaimState(mine)
	must(t, err)
	third, err := c.Authorize(thirdToken)
	must(t, err)
	watches := map[string]*Watch{"first": c.Watch(c.host), "second": c.Watch(second), "third": c.Watch(third)}
	must(t, c.DismissHosts(ctx, second))
	for who, w := range watches {
		if _, gone := w.Events(); gone != (who == "third") {
			t.Errorf("the stream of the %s is gone: %v", who, gone)
		}
	}
	for range 2 {
		_, err = c.Authorize(thirdToken)
		wantKind(t, "a dismissed host", err, fault.Unauthorized)
		if v, err := c.Authorize(token); err != nil || !v.Host {
			t.Errorf("who dismissed: %+v (%v)", v, err)
		}
		c.restart()
	}
}

// TestDeleteForgetsAtOnce: nothing of the room is left, and its streams end.
func TestDeleteForgetsAtOnce(t *testing.T) {
	c := newClass(t, hands(t), "devices", false)
	pupil := c.sit(3)
	c.do("open")
	watches := []*Watch{c.Watch(c.host), c.Watch(pupil)}
	for _, w := range watches {
		w.Events()
	}
	must(t, c.rooms.Delete(context.Background(), c.code))
	for _, w := range watches {
		<-w.Wake()
		if _, gone := w.Events(); !gone {
			t.Error("a stream goes on")
		}
		w.Close()
	}
	late := c.Watch(c.host) // was let in just before
	if _, gone := late.Events(); !gone {
		t.Error("a late stream goes on")
	}
	_, err := c.rooms.Room(context.Background(), c.code)
	wantKind(t, "the room", err, fault.NotFound)
	if answers, err := c.db.Answers(context.Background(), c.code); err != nil || len(answers) != 0 {
		t.Errorf("answers are left: %v (%v)", answers, err)
	}
	if err := c.Control(context.Background(), "close", 2, 0); err == nil {
		t.Error("a host who still looks may go on")
	}
}

// TestUndoBringsTheAnswersBack: a tap on "next" by mistake loses nothing.
func TestUndoBringsTheAnswersBack(t *testing.T) {
	for _, mistake := range []string{"close next", "skip", "close reveal next", "end"} {
		c := newClass(t, hands(t), "devices", false)
		pupil := c.sit(3)
		c.do("open")
		right := c.Quiz().Items[0].Key()
		_, err := c.Answer(context.Background(), pupil, "single", 1, right, time.Now())
		must(t, err)
		c.do(mistake + " undo")
		view := c.View(pupil)
		if len(view.Own.Choice) != 1 || view.Item != 0 || c.View(c.host).Answered["single"] != 1 {
			t.Errorf("after %q and undo: %+v, own %+v", mistake, view, view.Own)
		}
		if c.View(c.host).CanUndo {
			t.Errorf("after %q and undo there is more to undo", mistake)
		}
	}
}
