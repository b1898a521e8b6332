package live

import (
	"context"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"

	"sunnycampus/quizserver/fault"
	"sunnycampus/quizserver/quiz"
)

func (c *class) answerTo(v Viewer, item string, choice ...string) (Receipt, error) {
	return c.Answer(context.Background(), v, item, c.View(c.host).Opening, choice, time.Now())
}

// TestSelfPacedClass goes through a window with two pupils.
func TestSelfPacedClass(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := openClass(t, parse(t), Setup{Mode: Self, Minutes: 10})
		one, two := c.sit(1), c.sit(2)
		if v := c.View(one); v.Items != nil || v.Prompt != nil {
			t.Errorf("before the start a pupil sees %s", encode(t, v))
		}
		_, err := c.answerTo(one, "fill", "12355")
		wantKind(t, "an answer before the start", err, fault.Conflict)
		c.do("open")
		c.wantClock(Open, 10*time.Minute)
		if v := c.View(one); len(v.Items) != len(c.items) || v.Prompt != nil || v.Reveals != nil {
			t.Errorf("a pupil sees %s", encode(t, v))
		}
		if _, err := c.answerTo(one, "fill", "12355"); err != nil {
			t.Fatal(err)
		}
		if kept, err := c.answerTo(one, "fill", "110"); err != nil || !kept.Kept || kept.Choice[0] != "12355" {
			t.Errorf("a second answer: %+v (%v)", kept, err)
		}
		for _, item := range c.items {
			choice := item.Key()
			if item.Type == quiz.Poll {
				choice = []string{item.Options[0].ID}
			}
			if item.Type == quiz.Fill {
				choice = []string{"12355"}
			}
			if _, err := c.answerTo(two, item.ID, choice...); err != nil {
				t.Fatalf("%s: %v", item.ID, err)
			}
		}
		_, err = c.answerTo(one, "nothing", "x")
		wantKind(t, "an answer to no item", err, fault.Conflict)
		view := c.View(c.host)
		if *view.Done != 1 || view.Answered["fill"] != 2 || view.SeatList[0].Answered || !view.SeatList[1].Answered {
			t.Errorf("the host sees %s", encode(t, view))
		}
		c.restart()
		pass(10 * time.Minute)
		c.wantClock(Closed, noClock)
		_, err = c.answerTo(one, "truefalse", c.items[2].Key()...)
		wantKind(t, "an answer after the window", err, fault.Conflict)
		c.do("reopen") // five minutes more, and what was answered stays
		c.wantClock(Open, 5*time.Minute)
		if v := c.View(one); v.Own.Choices["fill"][0] != "12355" {
			t.Errorf("after the window opened again a pupil has %s", encode(t, v.Own))
		}
		if _, err := c.answerTo(one, "truefalse", c.items[2].Key()...); err != nil {
			t.Fatal(err)
		}
		c.do("close")
		wantNoKey(t, "a pupil before the reveal", streamed(t, c.Room, one))
		c.do("reveal")
		view = c.View(one)
		if len(view.Reveals) != len(c.items) || view.Reveals[4].Answered != 2 || !view.Own.Marks["fill"] || len(view.Own.Marks) != 2 {
			t.Errorf("after the reveal a pupil sees %s", encode(t, view))
		}
		if _, marked := c.View(two).Own.Marks["poll"]; marked {
			t.Error("an opinion is marked")
		}
		c.do("end undo end")
		board := c.View(c.host).Board
		if len(board.Top) == 0 || board.Answered != 7 || board.Correct != 7 {
			t.Errorf("the board is %+v", board)
		}
		c.wantAsStored("a self-paced class")
		results, err := c.Results(t.Context())
		must(t, err)
		if len(results.Items) != len(c.items) || len(results.Seats[0].Answers) != 2 || len(results.Seats[1].Answers) != len(c.items) {
			t.Errorf("the results are %+v", results)
		}
	})
}

func TestSelfPacedWithoutAClock(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := openClass(t, parse(t), Setup{Mode: Self, Timed: true}) // of no minutes
		c.do("open")
		pass(24 * time.Hour)
		c.wantClock(Open, noClock)
		wantKind(t, "next", c.Control(t.Context(), "next", c.View(c.host).Version, 0), fault.Conflict)
		wantKind(t, "extend", c.Control(t.Context(), "extend", c.View(c.host).Version, 0), fault.Conflict)
	})
}

// TestSelfPacedRoomMatchesModel plays random windows: actions, answers to any
// item, waiting and restarts.
func TestSelfPacedRoomMatchesModel(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		db := openStore(t)
		t.Cleanup(func() { must(t, db.Close()) })
		rapid.Check(struct{ rapid.TB }{t}, func(rt *rapid.T) {
			minutes := rapid.IntRange(0, 2).Draw(rt, "minutes")
			rooms := newRooms(db)
			code, token, err := rooms.Create(context.Background(), parse(t), Setup{Mode: Self, Minutes: minutes})
			must(t, err)
			c := &class{t: failing{t, rt}, db: db, rooms: rooms, code: code, token: token}
			c.enter()
			defer func() { c.rooms.Stop() }()
			pupils := []Viewer{c.sit(1), c.sit(2)}
			state, left, version := Lobby, time.Duration(0), int64(1)
			given := map[int]map[string][]string{1: {}, 2: {}}
			var undo *struct {
				state string
				left  time.Duration
			}
			act := func(rt *rapid.T, action string) {
				err := c.Control(context.Background(), action, version, 0)
				to := leadsTo(selfMoves, state, action)
				if action == "extend" && minutes == 0 {
					to = ""
				}
				if action == "undo" && undo != nil {
					if to = undo.state; to == Open {
						to = Paused
					}
				}
				if (to == "") != (err != nil) {
					rt.Fatalf("%s while %s: %v", action, state, err)
				}
				if to == "" {
					return
				}
				version++
				was := struct {
					state string
					left  time.Duration
				}{state, left}
				switch action {
				case "open":
					left = time.Duration(minutes) * time.Minute
				case "reopen":
					left = 5 * time.Minute
				case "extend":
					left += 5 * time.Minute
				case "undo":
					left = undo.left
				}
				if action == "end" {
					undo = &was
				} else if action != "hide" {
					undo = nil
				}
				state = to
			}
			rt.Repeat(map[string]func(*rapid.T){
				"": func(rt *rapid.T) {
					host := c.View(c.host)
					if host.State != state || host.Version != version || host.RemainingMS != nil && time.Duration(*host.RemainingMS)*time.Millisecond != left {
						rt.Fatalf("the room is %s, want %s at %d with %v", encode(c.t, host), state, version, left)
					}
					stored, err := db.Answers(context.Background(), code)
					if err != nil || len(stored) != len(given[1])+len(given[2]) {
						rt.Fatalf("%d answers are stored (%v), want %v", len(stored), err, given)
					}
					for _, v := range pupils {
						sent := streamed(c.t, c.Room, v)
						view := c.View(v)
						if state != Revealed {
							wantNoKey(c.t, "a pupil's stream", sent)
							wantNoKey(c.t, "a pupil's view", encode(c.t, view))
						}
						for item, choice := range given[v.Seat] {
							if view.Own.Choices != nil && !slices.Equal(view.Own.Choices[item], choice) {
								rt.Fatalf("seat %d sees %v, want %v", v.Seat, view.Own.Choices, given[v.Seat])
							}
						}
					}
				},
				"onward": func(rt *rapid.T) {
					act(rt, map[string]string{Lobby: "open", Open: "close", Paused: "resume", Closed: "reveal", Revealed: "end", Ended: "hide"}[state])
				},
				"control": func(rt *rapid.T) {
					act(rt, rapid.SampledFrom([]string{"open", "reopen", "pause", "resume", "close", "reveal", "next", "skip", "end", "hide", "extend", "undo"}).Draw(rt, "action"))
				},
				"answer": func(rt *rapid.T) {
					v := rapid.SampledFrom(pupils).Draw(rt, "seat")
					item := rapid.SampledFrom(c.items).Draw(rt, "item")
					choice := []string{"110"}
					if item.Type != quiz.Fill {
						choice = []string{item.Options[rapid.IntRange(0, 1).Draw(rt, "option")].ID}
					}
					if item.Type == quiz.Ordering {
						choice = item.Order
					}
					receipt, err := c.answerTo(v, item.ID, choice...)
					first, again := given[v.Seat][item.ID]
					switch {
					case again:
						if err != nil || !receipt.Kept || !slices.Equal(receipt.Choice, first) {
							rt.Fatalf("a second answer: %+v (%v)", receipt, err)
						}
					case state != Open:
						wantKind(c.t, "an answer while "+state, err, fault.Conflict)
					default:
						must(c.t, err)
						given[v.Seat][item.ID] = choice
					}
				},
				"wait": func(rt *rapid.T) {
					d := time.Duration(rapid.IntRange(1, 90_000).Draw(rt, "ms")) * time.Millisecond
					pass(d)
					if minutes == 0 || state != Open {
						return
					}
					if left -= d; left <= 0 {
						state, version, undo = Closed, version+1, nil
					}
				},
				"restart": func(rt *rapid.T) {
					c.restart()
					if minutes > 0 && state == Open {
						left = time.Duration(*c.View(c.host).RemainingMS) * time.Millisecond
					}
				},
			})
		})
	})
}
