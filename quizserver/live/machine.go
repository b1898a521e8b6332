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

// move is the state machine of a class quiz: pure, so that it can be tested
// against any sequence of actions. remainingMS is the time left now, undo what
// the last action can be taken back to.
func move(at store.Position, undo *store.Position, items []quiz.Item, timed bool, remainingMS int64, action string) (store.Position, error) {
	to := at
	refuse := func(why string) (store.Position, error) { return at, fault.New(fault.Conflict, "%s", why) }
	if at.State == Ended && action != "hide" && action != "undo" {
		return refuse("这场答题已经结束")
	}
	switch action {
	case "open":
		if at.State != Lobby && at.State != Ready {
			return refuse("这一题已经开放过，可以“重开”或进入下一题")
		}
		open(&to, items, timed)
	case "reopen":
		if at.State != Closed && !(at.State == Revealed && items[at.Item].Type == quiz.Poll) {
			return refuse("停止作答以后、公布答案以前才能重开")
		}
		open(&to, items, timed)
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
	case "next":
		if at.State == Lobby {
			to.State = Ready // the first item is read out before it opens, like the others
			return to, nil
		}
		if at.State != Closed && at.State != Revealed {
			return refuse("停止作答以后才能进入下一题；不想做这一题请用“跳过”")
		}
		return advance(to, items)
	case "skip":
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

func open(to *store.Position, items []quiz.Item, timed bool) {
	item := items[to.Item]
	to.State, to.ItemID = Open, item.ID
	to.Opening++
	to.RemainingMS = 0
	if timed {
		to.RemainingMS = int64(item.Seconds) * 1000
	}
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
