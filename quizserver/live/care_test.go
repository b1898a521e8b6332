package live

import (
	"context"
	"strings"
	"testing"
	"time"

	"sunnycampus/quizserver/fault"
)

// TestWordsOfDistressAreNotKept: the pupil sees whom to turn to and may answer
// again, the host sees a mark, the results say which seat, and nobody the words.
func TestWordsOfDistressAreNotKept(t *testing.T) {
	c := newClass(t, parse(t), "devices", false)
	c.distress = func(words string) bool {
		return strings.Contains(words, "不想活") || strings.Contains(words, "12355")
	}
	pupil, other := c.sit(7), c.sit(8)
	c.do("skip skip skip skip open") // to the fill-in
	ctx := context.Background()
	say := func(v Viewer, words string) (Receipt, error) {
		return c.Answer(ctx, v, "fill", 1, []string{words}, time.Now())
	}
	for range 2 {
		r, err := say(pupil, "我不想活了")
		must(t, err)
		if !r.Help || len(r.Choice) != 0 || r.Kept {
			t.Errorf("receipt %+v", r)
		}
	}
	if r, err := say(other, "12355"); err != nil || r.Help {
		t.Errorf("the right answer is a concern: %+v (%v)", r, err)
	}
	if view := c.View(c.host); !view.Concern || view.Answered["fill"] != 1 {
		t.Errorf("the host sees %+v", view)
	}
	for who, v := range map[string]Viewer{"a stranger": {}, "the pupil": pupil, "another": other} {
		if c.View(v).Concern {
			t.Errorf("%s sees the mark", who)
		}
	}
	if r, err := say(pupil, "110"); err != nil || r.Help || r.Kept {
		t.Errorf("answering again: %+v (%v)", r, err)
	}
	if r, err := say(pupil, "我不想活了"); err != nil || !r.Kept || r.Help {
		t.Errorf("after an answer that stands: %+v (%v)", r, err)
	}
	late := c.sit(9) // writes just as the class moves on
	c.do("close reveal")
	if r, err := say(late, "我不想活了"); err != nil || !r.Help {
		t.Errorf("too late to count: %+v (%v)", r, err)
	}
	c.do("end")
	_, err := say(pupil, "我不想活了")
	if r, again := c.standing(ctx, 7, "fill", 1, err); again != nil || r.Choice[0] != "110" {
		t.Errorf("stands: %+v (%v)", r, again)
	}
	results, err := c.Results(ctx)
	must(t, err)
	if len(results.Concerns) != 2 || results.Concerns[1].Seat != 9 || results.Concerns[0].Seat != 7 || results.Concerns[0].ItemID != "fill" {
		t.Errorf("concerns %+v", results.Concerns)
	}
	log, err := c.Log(ctx)
	must(t, err)
	for what, text := range map[string]string{"log": encode(t, log), "results": encode(t, results), "host": encode(t, c.View(c.host))} {
		if strings.Contains(text, "不想活") {
			t.Errorf("the %s holds the words: %s", what, text)
		}
	}
	c.restart()
	if !c.View(c.host).Concern {
		t.Error("the mark is lost with a restart")
	}
	_, err = c.Answer(ctx, Viewer{Seat: 9}, "single", 1, []string{"我不想活了"}, time.Now())
	wantKind(t, "words for an item that is none of words", err, fault.Conflict)
}
