// Package fault gives an error two faces: a kind and a safe Chinese sentence
// for the person who asked, and a private cause for the log.
package fault

import (
	"errors"
	"fmt"
)

// Kind says whose problem an error is and what the caller can do about it.
type Kind int

const (
	Internal     Kind = iota // ours; the detail never leaves the server
	Invalid                  // the request is malformed or breaks a rule
	Unauthorized             // no token, or one that we never issued
	Denied                   // known, but not allowed to do this
	NotFound                 // no such thing
	Conflict                 // true a moment ago; reload and try again
	TooLarge                 // over a size limit
	TooMany                  // over a rate limit
	Unavailable              // not now: shutting down, disk full, still building
)

type fault struct {
	kind  Kind
	msg   string
	cause error
}

func (f *fault) Error() string {
	if f.cause != nil {
		return f.msg + ": " + f.cause.Error()
	}
	return f.msg
}

func (f *fault) Unwrap() error { return f.cause }

// New makes an error whose message may be shown to the person who asked.
func New(kind Kind, format string, args ...any) error {
	return &fault{kind: kind, msg: fmt.Sprintf(format, args...)}
}

// Wrap shows msg and keeps err for the log.
func Wrap(kind Kind, err error, msg string) error {
	return &fault{kind: kind, msg: msg, cause: err}
}

// Cause returns what Wrap kept for the log; nil if there is nothing.
func Cause(err error) error {
	var f *fault
	if errors.As(err, &f) {
		return f.cause
	}
	return nil
}

// Of returns the kind and the message that may be shown. An error that was
// not made here is Internal, and its text stays private.
func Of(err error) (Kind, string) {
	var f *fault
	if errors.As(err, &f) && f.kind != Internal {
		return f.kind, f.msg
	}
	return Internal, "服务器出了问题，请稍后再试；如果一直这样，请告诉学校的管理员。"
}
