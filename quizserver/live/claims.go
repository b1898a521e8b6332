package live

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"fmt"
	"math/big"
	"slices"
	"time"

	"sunnycampus/quizserver/fault"
	"sunnycampus/quizserver/store"
)

const (
	claimTime = 3 * time.Minute // for another device to ask to host, and to be let in
	maxClaims = 4               // that wait at once
)

// claim is another device that asks to host a room. The number stands on its
// screen and on the host's, so that the teacher lets in their own phone and no
// other. Claims live in memory: they are over in minutes.
type claim struct {
	secret string
	number string // three digits
	state  string // waiting, admitted or refused
	token  string // of the new host, once admitted
}

// The states of a claim.
const (
	ClaimWaiting  = "waiting"
	ClaimAdmitted = "admitted"
	ClaimRefused  = "refused"
)

// OpenClaims lets other devices ask to host for claimTime; those that asked
// before are forgotten.
func (r *Room) OpenClaims() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.claimsUntil, r.claims = time.Now().Add(claimTime), nil
	r.hostChanged()
	time.AfterFunc(claimTime, func() { // takes what waits off the host's screen
		r.mu.Lock()
		defer r.mu.Unlock()
		r.hostChanged()
	})
}

// Claim asks to host. The secret is for asking what became of it.
func (r *Room) Claim() (secret, number string, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	switch {
	case time.Now().After(r.claimsUntil):
		return "", "", fault.New(fault.Conflict, "请先在大屏上点“换设备”，再来接手")
	case len(r.waitingClaims()) >= maxClaims:
		return "", "", fault.New(fault.TooMany, "想接手的设备太多了，请在大屏上重新点一次“换设备”")
	}
	for {
		n, err := rand.Int(rand.Reader, big.NewInt(900))
		if err != nil {
			return "", "", fmt.Errorf("draw number: %w", err)
		}
		number = fmt.Sprint(n.Int64() + 100)
		if !slices.ContainsFunc(r.claims, func(c *claim) bool { return c.number == number }) {
			break
		}
	}
	c := &claim{secret: newToken(), number: number, state: ClaimWaiting}
	r.claims = append(r.claims, c)
	r.hostChanged()
	return c.secret, c.number, nil
}

// DecideClaim lets a device host, or refuses it.
func (r *Room) DecideClaim(ctx context.Context, number string, admit bool) error {
	token := newToken()
	hash := store.HashToken(token)
	r.control.Lock()
	defer r.control.Unlock()
	r.mu.RLock()
	waits := slices.Contains(r.waitingClaims(), number)
	r.mu.RUnlock()
	if !waits {
		return fault.New(fault.NotFound, "没有数字是 %s 的设备在等", number)
	}
	if admit {
		if err := r.db.AddHost(context.WithoutCancel(ctx), r.code, hash, now()); err != nil {
			return err
		}
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, c := range r.claims {
		switch {
		case c.number != number:
		case admit:
			c.state, c.token = ClaimAdmitted, token
			r.hostHashes = append(r.hostHashes, hash)
			r.claimsUntil = time.Time{} // one device came; the door closes
		default:
			c.state = ClaimRefused
		}
	}
	r.hostChanged()
	return nil
}

// ClaimState tells what became of a claim; once admitted, with the new host's
// token.
func (r *Room) ClaimState(secret string) (state, token string, err error) {
	r.mu.RLock()
	defer r.mu.RUnlock()
	for _, c := range r.claims {
		over := c.state == ClaimWaiting && time.Now().After(r.claimsUntil)
		if !over && subtle.ConstantTimeCompare([]byte(c.secret), []byte(secret)) == 1 {
			return c.state, c.token, nil
		}
	}
	return "", "", fault.New(fault.NotFound, "这次接手已经过时，请在大屏上重新点一次“换设备”")
}

// waitingClaims are the numbers that the host may let in. The caller holds mu.
func (r *Room) waitingClaims() []string {
	var numbers []string
	for _, c := range r.claims {
		if c.state == ClaimWaiting && time.Now().Before(r.claimsUntil) {
			numbers = append(numbers, c.number)
		}
	}
	return numbers
}

// DismissHosts ends all devices that host, but the one that opened the room and
// the one that asks.
func (r *Room) DismissHosts(ctx context.Context, v Viewer) error {
	r.control.Lock()
	defer r.control.Unlock()
	if err := r.db.DeleteHosts(context.WithoutCancel(ctx), r.code, v.tokenHash, now()); err != nil {
		return err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.hostHashes = slices.DeleteFunc(r.hostHashes, func(hash string) bool { return hash != v.tokenHash })
	for w := range r.hosts {
		if hash := w.viewer.tokenHash; hash != r.row.HostHash && hash != v.tokenHash {
			w.evicted = true
			w.signal()
			delete(r.hosts, w)
		}
	}
	return nil
}
