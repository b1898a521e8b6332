package quizserver

import (
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// limiterSize bounds the addresses that a limiter remembers. Beyond it, it
// forgets all of them.
const limiterSize = 10_000

// limiter lets each address do something burst times at once and then once
// every interval. A whole school may stand behind one address.
type limiter struct {
	burst    int
	interval time.Duration

	mu      sync.Mutex
	buckets map[string]*rate.Limiter
}

// allow counts one try and tells whether it may go on.
func (l *limiter) allow(address string) bool { return l.bucket(address).Allow() }

// exhausted tells whether the next try would be refused, and counts nothing.
func (l *limiter) exhausted(address string) bool { return l.bucket(address).Tokens() < 1 }

func (l *limiter) bucket(address string) *rate.Limiter {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.buckets == nil || len(l.buckets) >= limiterSize {
		l.buckets = map[string]*rate.Limiter{}
	}
	b, ok := l.buckets[address]
	if !ok {
		b = rate.NewLimiter(rate.Every(l.interval), l.burst)
		l.buckets[address] = b
	}
	return b
}
