package live

import (
	"context"
	"fmt"
	"time"

	"sunnycampus/quizserver/fault"
	"sunnycampus/quizserver/store"
)

const (
	drainTime  = 500 * time.Millisecond // for an answer to be read after the close
	retryClose = time.Second
)

// Control carries out a host's action on the version that the host saw. Like
// all that writes, it goes on when the caller hangs up: what is queued will
// be committed, and memory must learn of it.
func (r *Room) Control(ctx context.Context, action string, version int64, seat int) error {
	ctx = context.WithoutCancel(ctx)
	r.control.Lock()
	defer r.control.Unlock()
	if action == "kick" || action == "readmit" {
		return r.setKicked(ctx, seat, action == "kick")
	}
	return r.transition(ctx, action, version)
}

// transition stops intake, commits, and only then shows the new state.
func (r *Room) transition(ctx context.Context, action string, version int64) error {
	r.mu.Lock()
	if version != r.row.Version {
		r.mu.Unlock()
		return fault.New(fault.Conflict, "教室的状态刚刚变了，请看清楚再点一次")
	}
	to, err := move(r.row.Position, r.row.Undo, r.course, r.remaining(), action)
	if err != nil {
		r.mu.Unlock()
		return err
	}
	undo := wayBack(r.row.Position, r.row.Undo, r.remaining(), action)
	if r.row.State == Open && to.State != Open {
		r.stopIntake()
	}
	r.mu.Unlock()

	if err := r.db.Transition(ctx, r.code, version, to, undo, r.opened(to), now(), action, fmt.Sprintf("%s %d", to.ItemID, to.Opening)); err != nil {
		r.restore(ctx, err)
		return err
	}
	if action == "undo" { // the answers to that item come back with it
		return r.load(ctx, r.code)
	}
	var answers []store.Answer
	if to.State == Closed { // some are on disk and not yet in memory
		for _, item := range r.opened(to) {
			some, err := r.db.OpeningAnswers(ctx, r.code, item, to.Opening)
			if err != nil {
				r.log.Error("read answers at close", "room", r.code, "err", err)
			}
			answers = append(answers, some...)
		}
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, a := range answers {
		r.putAnswer(a)
	}
	from := r.row.Position
	r.row.Position, r.row.Undo, r.row.Version = to, undo, version+1
	if from.ItemID != to.ItemID || from.Opening != to.Opening {
		r.answers, r.tally = map[string]map[int]store.Answer{}, map[string]int{}
		if to.State == Open {
			r.answered[to.ItemID] = 0
		}
	}
	if to.State == Revealed {
		r.hands[to.ItemID] = countHands(r.items[to.Item], r.tally)
		for _, item := range r.opened(to) {
			r.scores[item] = map[int]score{}
			for _, a := range r.answers[item] {
				r.putScore(a)
			}
		}
	}
	if to.State == Open {
		r.startClock()
	} else {
		r.stopClock()
	}
	r.changed()
	return nil
}

// stopIntake ends an opening: what comes from now on is late, what was
// received before has drainTime to be read and queued. The caller holds mu.
func (r *Room) stopIntake() {
	r.closedAt = time.Now()
	if r.receiving > 0 {
		drained := make(chan struct{})
		r.drained = drained
		r.mu.Unlock()
		select {
		case <-drained:
		case <-time.After(drainTime):
		}
		r.mu.Lock()
		r.drained = nil
	}
	r.intake = false
}

// restore puts memory back after a transition that was not stored: another
// replica was first, or the disk refused.
func (r *Room) restore(ctx context.Context, reason error) {
	if kind, _ := fault.Of(reason); kind == fault.Conflict {
		if err := r.load(ctx, r.code); err != nil {
			r.log.Error("reload room", "room", r.code, "err", err)
		}
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.row.State == Open {
		r.openIntake() // a deadline that has passed still counts
	}
}

// startClock opens intake with the time that is left of a timed item.
func (r *Room) startClock() {
	r.deadline = time.Now().Add(time.Duration(r.row.RemainingMS) * time.Millisecond)
	r.openIntake()
}

// openIntake takes answers, for a timed item until its deadline. The caller
// holds mu.
func (r *Room) openIntake() {
	r.intake, r.closedAt = true, time.Time{}
	r.stopClock()
	if r.timed {
		r.tick(r.row.Version)
	}
}

func (r *Room) stopClock() {
	if r.timer != nil {
		r.timer.Stop()
		r.timer = nil
	}
}

// tick waits for the deadline and persists the time left every second, so
// that a restart resumes near where the clock stood. The caller holds mu.
func (r *Room) tick(version int64) {
	wait := min(time.Until(r.closing()), time.Second)
	if wait <= 0 {
		wait = retryClose // the close at the deadline was not stored
	}
	r.timer = time.AfterFunc(wait, func() {
		r.mu.Lock()
		if r.deleted || r.row.Version != version || r.row.State != Open {
			r.mu.Unlock()
			return
		}
		left, opening := r.remaining(), r.row.Opening
		waiting := time.Until(r.closing()) > 0
		if waiting {
			r.tick(version)
		}
		r.mu.Unlock()
		ctx := context.Background()
		if waiting {
			if err := r.db.SaveRemaining(ctx, r.code, opening, left); err != nil {
				r.log.Warn("persist time left", "room", r.code, "err", err)
			}
			return
		}
		if err := r.Control(ctx, "close", version, 0); err != nil {
			if kind, _ := fault.Of(err); kind != fault.Conflict { // the host closed it first
				r.log.Error("close at deadline", "room", r.code, "err", err)
			}
		}
	})
}
