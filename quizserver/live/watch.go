package live

import (
	"encoding/json"
	"time"
)

// hostInterval bounds how often the host hears of answers and arrivals.
const hostInterval = 100 * time.Millisecond

// clockStaleness is how far the time left in one encoding may lag behind.
const clockStaleness = 50 * time.Millisecond

// Streams that one viewer may hold: tabs, and connections not yet noticed to
// be dead.
const (
	maxSeatStreams = 4
	maxHostStreams = 20
)

// Event is one message of a room's stream.
type Event struct {
	Name string // state or tally
	Data []byte // JSON
}

// Watch is one listener. It has no queue: a slow listener skips to the newest
// state, and nobody waits for it.
type Watch struct {
	room   *Room
	viewer Viewer
	wake   chan struct{}
	state  uint64 // last sequence numbers delivered
	tally  uint64

	evicted bool
}

// Watch starts listening. The first Events holds a full state.
func (r *Room) Watch(v Viewer) *Watch {
	w := &Watch{room: r, viewer: v, wake: make(chan struct{}, 1)}
	w.wake <- struct{}{}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.deleted {
		w.evicted = true
		return w
	}
	if v.Host {
		evictOne(r.hosts, maxHostStreams)
		r.hosts[w] = true
		return w
	}
	if r.pupils[v.Seat] == nil {
		r.pupils[v.Seat] = map[*Watch]bool{}
	}
	evictOne(r.pupils[v.Seat], maxSeatStreams)
	r.pupils[v.Seat][w] = true
	r.hostChanged()
	return w
}

// evictOne ends a stream where there are too many of one viewer.
func evictOne(watches map[*Watch]bool, most int) {
	if len(watches) < most {
		return
	}
	for w := range watches {
		w.evicted = true
		w.signal()
		delete(watches, w)
		return
	}
}

// Close stops listening.
func (w *Watch) Close() {
	r := w.room
	r.mu.Lock()
	defer r.mu.Unlock()
	if w.viewer.Host {
		delete(r.hosts, w)
		return
	}
	delete(r.pupils[w.viewer.Seat], w)
	if len(r.pupils[w.viewer.Seat]) == 0 {
		delete(r.pupils, w.viewer.Seat)
	}
	r.hostChanged()
}

// Wake delivers when there may be something new.
func (w *Watch) Wake() <-chan struct{} { return w.wake }

// Events returns what is new since the last call. gone means that the seat
// was removed and the stream should end.
func (w *Watch) Events() (events []Event, gone bool) {
	r := w.room
	r.mu.Lock() // the shared encoding is cached here
	defer r.mu.Unlock()
	if w.evicted {
		return nil, true
	}
	if w.viewer.Host {
		if w.state != r.hostSeq {
			w.state, w.tally = r.hostSeq, r.tallySeq
			return []Event{{"state", r.encoded(w.viewer)}}, false
		}
		if w.tally != r.tallySeq {
			w.tally = r.tallySeq
			data, err := json.Marshal(r.tallyNow())
			if err == nil {
				events = append(events, Event{"tally", data})
			}
		}
		return events, false
	}
	if r.seats[w.viewer.Seat].TokenHash != w.viewer.tokenHash {
		return nil, true
	}
	if w.state != r.stateSeq {
		w.state = r.stateSeq
		events = append(events, Event{"state", encodeOwn(r.encoded(w.viewer), r.own(w.viewer.Seat))})
	}
	return events, false
}

// encoded returns the shared JSON of a kind of viewer, made once per change. A
// running clock makes it stale, so then it lives for clockStaleness only.
func (r *Room) encoded(v Viewer) []byte {
	cache, seq := &r.pupilJSON, r.stateSeq
	if v.Host {
		cache, seq = &r.hostJSON, r.hostSeq
	}
	fresh := !(r.timed && r.row.State == Open) || time.Since(cache.at) < clockStaleness
	if cache.seq == seq && cache.data != nil && fresh {
		return cache.data
	}
	data, err := json.Marshal(r.view(v))
	if err != nil {
		r.log.Error("encode room", "room", r.code, "err", err)
		return []byte("{}")
	}
	cache.seq, cache.data, cache.at = seq, data, time.Now()
	return data
}

// changed tells everybody of a new state. The caller holds mu.
func (r *Room) changed() {
	r.stateSeq++
	r.hostSeq++
	for _, seat := range r.pupils {
		for w := range seat {
			w.signal()
		}
	}
	r.wakeHosts()
}

// hostChanged tells the host that seats changed, at most once an interval.
func (r *Room) hostChanged() {
	r.hostSeq++
	r.wakeHostsSoon()
}

// tallyChanged tells the host of an answer: at most once an interval, and at
// once when seat is the last of the connected ones to answer.
func (r *Room) tallyChanged(seat int) {
	r.tallySeq++
	r.hostJSON.data = nil
	if len(r.pupils[seat]) > 0 && r.received() >= len(r.pupils) && r.allAnswered() {
		r.wakeHosts()
		return
	}
	r.wakeHostsSoon()
}

func (r *Room) allAnswered() bool {
	for seat := range r.pupils {
		if r.owes(seat) > 0 {
			return false
		}
	}
	return true
}

func (r *Room) wakeHostsSoon() {
	if r.wakePending {
		return
	}
	r.wakePending = true
	time.AfterFunc(hostInterval, func() {
		r.mu.Lock()
		defer r.mu.Unlock()
		r.wakePending = false
		r.wakeHosts()
	})
}

func (r *Room) wakeHosts() {
	for w := range r.hosts {
		w.signal()
	}
}

func (w *Watch) signal() {
	select {
	case w.wake <- struct{}{}:
	default: // already told
	}
}

// gone ends all that listens to a room that was deleted. The caller holds mu.
func (r *Room) gone() {
	r.stopClock()
	r.intake, r.deleted = false, true
	end := func(watches map[*Watch]bool) {
		for w := range watches {
			w.evicted = true
			w.signal()
		}
	}
	end(r.hosts)
	for _, seat := range r.pupils {
		end(seat)
	}
}
