package live

import (
	"sunnycampus/quizserver/fault"
	"sunnycampus/quizserver/quiz"
	"sunnycampus/quizserver/store"
)

// The states of a room.
const (
	Lobby    = "lobby"    // seats fill, nothing shown yet
	Ready    = "ready"    // the item is read out; pupils do not see it yet
	Open     = "open"     // answers are taken
	Paused   = "paused"   // the clock stands, answers are not taken
	Closed   = "closed"   // no more answers; nothing revealed yet
	Revealed = "revealed" // key and explanation are shown
	Ended    = "ended"    // final board
)

// Self is the mode in which everybody goes through all items at their own
// pace: they open together and close together.
const Self = "self"

// course is what the moves of a room depend on and never changes.
type course struct {
	items    []quiz.Item
	timed    bool
	self     bool
	windowMS int64 // of a timed self-paced room
}

// What the host adds to a clock that runs, and to a window that closed.
const (
	moreItemMS   = 15_000
	moreWindowMS = 5 * 60_000
)

// move is the state machine of a class quiz: pure, so that it can be tested
// against any sequence of actions. remainingMS is the time left now, below
// zero where only seats with extra time go on; undo is what the last action
// can be taken back to.
func move(at store.Position, undo *store.Position, c course, remainingMS int64, action string) (store.Position, error) {
	to, items := at, c.items
	refuse := func(why string) (store.Position, error) { return at, fault.New(fault.Conflict, "%s", why) }
	if at.State == Ended && action != "hide" && action != "undo" {
		return refuse("这场答题已经结束")
	}
	switch action {
	case "open":
		if at.State != Lobby && at.State != Ready {
			return refuse("这一题已经开放过，可以“重开”或进入下一题")
		}
		c.open(&to)
	case "reopen":
		if at.State != Closed && !(at.State == Revealed && !c.self && items[at.Item].Type == quiz.Poll) {
			return refuse("停止作答以后、公布答案以前才能重开")
		}
		if c.self { // who has answered keeps that
			to.State, to.RemainingMS = Open, c.more()
			return to, nil
		}
		c.open(&to)
	case "extend":
		if !c.timed || at.State != Open && at.State != Paused {
			return refuse("限时作答的时候才能加时")
		}
		to.RemainingMS = max(0, remainingMS) + c.more()
	case "pause":
		if at.State != Open {
			return refuse("作答中才能暂停")
		}
		to.State, to.RemainingMS = Paused, remainingMS
	case "resume":
		if at.State != Paused {
			return refuse("现在没有暂停")
		}
		to.State = Open
	case "close":
		if at.State != Open && at.State != Paused {
			return refuse("这一题没有在作答")
		}
		to.State, to.RemainingMS = Closed, 0
	case "reveal":
		if at.State != Closed {
			return refuse("先停止作答，再公布答案")
		}
		to.State = Revealed
	case "next", "skip":
		if c.self {
			return refuse("大家按自己的步子答，没有下一题")
		}
		if action == "skip" {
			return advance(to, items)
		}
		if at.State == Lobby {
			to.State = Ready // the first item is read out before it opens, like the others
			return to, nil
		}
		if at.State != Closed && at.State != Revealed {
			return refuse("停止作答以后才能进入下一题；不想做这一题请用“跳过”")
		}
		return advance(to, items)
	case "end":
		to.State, to.RemainingMS = Ended, 0
	case "undo":
		if undo == nil {
			return refuse("只有刚点错的“下一题”“跳过”“结束”可以撤回")
		}
		to = *undo
		to.BoardHidden = at.BoardHidden
		if to.State == Open { // the class looks up first
			to.State = Paused
		}
	case "hide":
		to.BoardHidden = !to.BoardHidden
		if at.State == Open {
			to.RemainingMS = remainingMS // the clock starts again from here
		}
	default:
		return at, fault.New(fault.Invalid, "没有 %q 这个操作", action)
	}
	return to, nil
}

// wayBack is what an action can be taken back to: what was left by mistake.
// What was shown cannot be unseen.
func wayBack(at store.Position, undo *store.Position, remainingMS int64, action string) *store.Position {
	switch action {
	case "next", "skip", "end":
		at.RemainingMS = remainingMS
		return &at
	case "hide":
		return undo
	}
	return nil
}

func (c course) open(to *store.Position) {
	to.State, to.ItemID = Open, c.items[to.Item].ID
	to.Opening++
	to.RemainingMS = c.allotted(to.Item)
}

// allotted is the time that everybody has for an item, or for all of them in a
// self-paced room, in ms; 0 without a clock.
func (c course) allotted(item int) int64 {
	switch {
	case !c.timed:
		return 0
	case c.self:
		return c.windowMS
	}
	return int64(c.items[item].Seconds) * 1000
}

// more is what one "extend" adds; 0 without a clock.
func (c course) more() int64 {
	switch {
	case !c.timed:
		return 0
	case c.self:
		return moreWindowMS
	}
	return moreItemMS
}

// opened are the items that a position opens, closes or reveals.
func (c course) opened(at store.Position) (ids []string) {
	if !c.self {
		return []string{at.ItemID}
	}
	for _, it := range c.items {
		ids = append(ids, it.ID)
	}
	return ids
}

func advance(to store.Position, items []quiz.Item) (store.Position, error) {
	if to.Item+1 >= len(items) {
		return to, fault.New(fault.Conflict, "已经是最后一题，请结束答题")
	}
	to.Item++
	to.State, to.ItemID = Ready, items[to.Item].ID
	to.Opening, to.RemainingMS = 0, 0
	return to, nil
}
