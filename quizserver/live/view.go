package live

import (
	"cmp"
	"encoding/json"
	"maps"
	"slices"
	"time"

	"sunnycampus/quizserver/quiz"
)

// boardTop is how many places a board shows; the rest is never listed.
const boardTop = 5

// View is a room as one kind of viewer sees it: a stranger, a pupil or the
// host. It never holds a key before the reveal.
type View struct {
	Code        string         `json:"code"`
	State       string         `json:"state"`
	Version     int64          `json:"version"`
	Mode        string         `json:"mode"`
	Timer       string         `json:"timer"`
	Title       string         `json:"title"`
	Pinyin      string         `json:"pinyin,omitempty"` // shown or offered where prompts carry readings
	Item        int            `json:"item"`
	ItemCount   int            `json:"item_count"`
	Opening     int            `json:"opening"`
	Seats       int            `json:"seats"`
	Prompt      *quiz.Prompt   `json:"prompt,omitempty"`
	Items       []quiz.Prompt  `json:"items,omitempty"`
	RemainingMS *int64         `json:"remaining_ms,omitempty"`
	Answered    map[string]int `json:"answered,omitempty"`
	Connected   *int           `json:"connected,omitempty"`
	Counts      map[string]int `json:"counts,omitempty"` // hands, on the wall
	SeatList    []SeatView     `json:"seat_list,omitempty"`
	// Choices are what teams said, by seat: they say it aloud.
	Choices      map[int][]string `json:"choices,omitempty"`
	Reveal       *Reveal          `json:"reveal,omitempty"`
	Reveals      []*Reveal        `json:"reveals,omitempty"` // of all items of a self-paced room
	Done         *int             `json:"done,omitempty"`    // seats that have answered all of them
	Bonus        bool             `json:"bonus,omitempty"`
	Extra        map[int]int      `json:"extra,omitempty"` // percent of others' time by seat, 0 for no limit; for the host
	Board        *Board           `json:"board,omitempty"`
	BoardHidden  bool             `json:"board_hidden,omitempty"`
	Own          *Own             `json:"own,omitempty"`
	JoinURL      string           `json:"join_url,omitempty"`
	LoopbackOnly bool             `json:"loopback_only,omitempty"`
	Concern      bool             `json:"concern,omitempty"` // somebody's words showed distress; who, only the results say
	CanUndo      bool             `json:"can_undo,omitempty"`
	Claims       []string         `json:"claims,omitempty"` // numbers of devices that ask to host
}

// SeatView is a seat on the host's screen.
type SeatView struct {
	Seat      int    `json:"seat"`
	Nickname  string `json:"nickname"`
	Connected bool   `json:"connected"`
	Answered  bool   `json:"answered"`
	Kicked    bool   `json:"kicked"`
}

// Reveal is what everybody learns once an item is revealed.
type Reveal struct {
	Item        string         `json:"item"`
	Key         []string       `json:"key"`
	Counts      map[string]int `json:"counts"`
	Answered    int            `json:"answered"`
	Correct     int            `json:"correct"`
	Explanation string         `json:"explanation"`
}

// Board is the end of a quiz: the first places and the class's total. Who came
// last of those who answered is never on it, unless all came first.
type Board struct {
	Top      []Place `json:"top"`
	Answered int     `json:"answered"`
	Correct  int     `json:"correct"`
	Points   int     `json:"points"`
}

// Place is a rank on the board; equal points share a rank.
type Place struct {
	Rank     int    `json:"rank"`
	Seat     int    `json:"seat"`
	Nickname string `json:"nickname"`
	Points   int    `json:"points"`
}

// Own is what a pupil learns about their own seat.
type Own struct {
	Seat     int      `json:"seat"`
	Nickname string   `json:"nickname"`
	Points   int      `json:"points"` // of revealed items
	Choice   []string `json:"choice,omitempty"`
	Correct  *bool    `json:"correct,omitempty"`
	// Of a self-paced room, by item.
	Choices map[string][]string `json:"choices,omitempty"`
	Marks   map[string]bool     `json:"marks,omitempty"`
	// RemainingMS is of a clock of the seat's own; -1 for no limit.
	RemainingMS *int64 `json:"remaining_ms,omitempty"`
}

// Tally is how many have answered, for the host only.
type Tally struct {
	Item      string         `json:"item"`
	Opening   int            `json:"opening"`
	Answered  int            `json:"answered"`
	Connected int            `json:"connected"`
	Done      *int           `json:"done,omitempty"`   // seats that have answered all items of a self-paced room
	Counts    map[string]int `json:"counts,omitempty"` // hand counts
}

// View returns the room as v sees it, with all the prompts that v may see.
func (r *Room) View(v Viewer) View {
	r.mu.RLock()
	defer r.mu.RUnlock()
	view := r.view(v)
	if v.Seat > 0 {
		view.Own = r.own(v.Seat)
	}
	for i, item := range r.items {
		if len(view.Items) < len(r.items) && (v.Host || v.Seat > 0 && !r.self && (i < r.row.Item || i == r.row.Item && view.Prompt != nil)) {
			view.Items = append(view.Items, item.Prompt())
		}
	}
	return view
}

// view is the part that all viewers of a kind share. The caller holds mu.
func (r *Room) view(v Viewer) View {
	at := r.row.Position
	view := View{
		Code: r.code, State: at.State, Version: r.row.Version, Mode: r.mode, Timer: "off",
		Title: r.quiz.Title, Pinyin: r.quiz.Pinyin, Item: at.Item, ItemCount: len(r.items), Opening: at.Opening,
		Seats: len(r.seats), BoardHidden: at.BoardHidden, Bonus: r.row.Bonus,
	}
	if r.timed {
		view.Timer = "item"
	}
	if !v.Host && v.Seat == 0 {
		return view
	}
	shown := at.State == Open || at.State == Paused || at.State == Closed || at.State == Revealed
	if r.timed && (at.State == Open || at.State == Paused) {
		left := max(0, r.remaining())
		view.RemainingMS = &left
	}
	switch item := r.items[at.Item]; {
	case r.self && shown:
		for _, item := range r.items {
			view.Items = append(view.Items, item.Prompt())
			if at.State == Revealed {
				view.Reveals = append(view.Reveals, r.reveal(item))
			}
		}
	case r.self:
	case shown || v.Host && at.State == Ready:
		prompt := item.Prompt()
		view.Prompt = &prompt
		if at.State == Revealed {
			view.Reveal = r.reveal(item)
		}
	}
	if v.Host {
		r.addHostPart(&view)
	}
	return view
}

func (r *Room) addHostPart(view *View) {
	view.Answered = maps.Clone(r.answered)
	view.CanUndo, view.Claims, view.Concern = r.row.Undo != nil, r.waitingClaims(), len(r.concerns) > 0
	connected := len(r.pupils)
	view.Connected = &connected
	if r.mode == "wall" {
		view.Counts = maps.Clone(r.tally)
	}
	if len(r.extra) > 0 {
		view.Extra = maps.Clone(r.extra)
	}
	view.Done = r.done()
	if r.mode == "teams" {
		view.Choices = map[int][]string{}
		for seat, a := range r.answers[r.row.ItemID] {
			view.Choices[seat] = a.Choice
		}
	}
	if r.reach != nil {
		base, loopback := r.reach()
		view.JoinURL, view.LoopbackOnly = base+"/join/#"+r.code, loopback
	}
	for _, number := range slices.Sorted(maps.Keys(r.seats)) {
		s := r.seats[number]
		view.SeatList = append(view.SeatList, SeatView{number, s.Nickname, len(r.pupils[number]) > 0, r.owes(number) == 0, s.Kicked})
	}
	if view.State == Ended {
		view.Board = r.board()
	}
}

// done counts the seats of a self-paced room that have answered everything.
func (r *Room) done() *int {
	if !r.self {
		return nil
	}
	n := 0
	for seat := range r.seats {
		if r.owes(seat) == 0 {
			n++
		}
	}
	return &n
}

// remaining is the time left in ms; below zero when only seats with extra time
// go on.
func (r *Room) remaining() int64 {
	if r.row.State != Open || !r.timed {
		return r.row.RemainingMS
	}
	return time.Until(r.deadline).Milliseconds()
}

func (r *Room) reveal(item quiz.Item) *Reveal {
	answers := r.answers[item.ID]
	out := &Reveal{Item: item.ID, Key: item.Key(), Counts: r.counts(item), Answered: len(answers), Explanation: item.ExplanationHTML}
	if out.Key == nil {
		out.Key = []string{}
	}
	for _, a := range answers {
		if a.Correct {
			out.Correct++
		}
	}
	if r.mode == "wall" {
		out.Answered, out.Correct = sum(out.Counts), countHands(item, out.Counts).correct
	}
	return out
}

// counts says how often each option of an item that runs was chosen. What
// pupils wrote themselves never reaches anybody else's screen.
func (r *Room) counts(item quiz.Item) map[string]int {
	if r.mode == "wall" {
		return maps.Clone(r.tally)
	}
	counts := map[string]int{}
	if item.Type == quiz.Fill || item.Type == quiz.Ordering {
		return counts
	}
	for _, a := range r.answers[item.ID] {
		for _, option := range a.Choice {
			counts[option]++
		}
	}
	return counts
}

func (r *Room) board() *Board {
	board := &Board{Top: []Place{}}
	points := map[int]int{}
	for _, total := range r.hands {
		board.Answered += total.raised
		board.Correct += total.correct
	}
	for _, item := range r.scores {
		for seat, s := range item {
			board.Answered++
			board.Points += s.points
			points[seat] += s.points
			if s.correct {
				board.Correct++
			}
		}
	}
	seats := slices.SortedFunc(maps.Keys(points), func(a, b int) int {
		return cmp.Or(points[b]-points[a], a-b)
	})
	for i, seat := range seats {
		rank := i + 1
		if i > 0 && points[seat] == points[seats[i-1]] {
			rank = board.Top[i-1].Rank
		}
		// Beside the first only who is in the upper half with all equals: more
		// would tell the last. Of a few teams the first say enough.
		inUpperHalf := points[seats[len(seats)/2]] < points[seat]
		listed := rank == 1 || inUpperHalf && rank <= boardTop && r.mode != "teams"
		if !listed || points[seat] == 0 || i >= 2*boardTop {
			break
		}
		board.Top = append(board.Top, Place{rank, seat, r.seats[seat].Nickname, points[seat]})
	}
	return board
}

func (r *Room) own(seat int) *Own {
	own := &Own{Seat: seat, Nickname: r.seats[seat].Nickname}
	for _, item := range r.scores {
		own.Points += item[seat].points
	}
	if left, has := r.ownTime(seat); has {
		own.RemainingMS = &left
	}
	if r.self {
		own.Choices, own.Marks = map[string][]string{}, map[string]bool{}
	}
	for _, id := range r.opened(r.row.Position) {
		a, ok := r.answers[id][seat]
		if !ok {
			continue
		}
		marked := r.row.State == Revealed && r.items[r.find(id)].Type != quiz.Poll
		switch {
		case r.self:
			own.Choices[id] = a.Choice
			if marked {
				own.Marks[id] = a.Correct
			}
		default:
			own.Choice = a.Choice
			if marked {
				own.Correct = &a.Correct
			}
		}
	}
	return own
}

func (r *Room) tallyNow() Tally {
	t := Tally{Item: r.row.ItemID, Opening: r.row.Opening, Answered: r.received(), Connected: len(r.pupils), Done: r.done()}
	if r.mode == "wall" {
		t.Counts, t.Answered = maps.Clone(r.tally), sum(r.tally)
	}
	return t
}

// encodeOwn adds the pupil's own part to the encoding that all pupils share,
// so that a state is encoded once however many are listening.
func encodeOwn(shared []byte, own *Own) []byte {
	part, err := json.Marshal(own)
	if err != nil {
		return shared // a struct of strings and numbers always encodes
	}
	out := make([]byte, 0, len(shared)+len(part)+8)
	out = append(out, shared[:len(shared)-1]...)
	out = append(out, `,"own":`...)
	out = append(out, part...)
	return append(out, '}')
}
