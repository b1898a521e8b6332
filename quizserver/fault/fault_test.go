package fault

import (
	"errors"
	"fmt"
	"strings"
	"testing"
)

func TestOfShowsOnlyWhatIsSafe(t *testing.T) {
	secret := errors.New("sql: connection to 10.0.0.1 refused")
	for _, test := range []struct {
		name string
		err  error
		kind Kind
		msg  string
	}{
		{"invalid", New(Invalid, "座号应在 %d 到 %d 之间", 1, 63), Invalid, "座号应在 1 到 63 之间"},
		{"wrapped by fmt", fmt.Errorf("join: %w", New(Conflict, "座号已有人使用")), Conflict, "座号已有人使用"},
		{"wrap keeps the cause private", Wrap(Unavailable, secret, "磁盘已满"), Unavailable, "磁盘已满"},
		{"foreign error", secret, Internal, ""},
		{"internal message stays private", New(Internal, "secret"), Internal, ""},
	} {
		kind, msg := Of(test.err)
		if kind != test.kind {
			t.Errorf("%s: kind %d, want %d", test.name, kind, test.kind)
		}
		if test.msg != "" && msg != test.msg {
			t.Errorf("%s: message %q, want %q", test.name, msg, test.msg)
		}
		if strings.Contains(msg, "sql") || strings.Contains(msg, "secret") {
			t.Errorf("%s: private detail leaked: %q", test.name, msg)
		}
	}
	if err := Wrap(Unavailable, secret, "磁盘已满"); !errors.Is(err, secret) {
		t.Error("Wrap lost its cause")
	}
}
