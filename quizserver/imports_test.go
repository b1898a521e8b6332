package quizserver

import (
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// arrows says which packages of ours each may import. A package that is not
// here needs a line, and with it a thought.
var arrows = map[string]string{
	"":                       "",
	"search":                 "",
	"quizserver/fault":       "",
	"quizserver/quiz":        "fault",
	"quizserver/store":       "quiz fault",
	"quizserver/site":        "quiz fault search",
	"quizserver/site/render": "site",
	"quizserver/pack":        "site quiz",
	"quizserver/twee":        "fault",
	"quizserver/exchange":    "quiz fault", // files of others; whoever has the laws passes them in
	"quizserver/live":        "store quiz fault",
	"quizserver/contest":     "store quiz fault",
	"quizserver/publish":     "site store quiz fault",
	"quizserver":             "live contest publish site store quiz fault search",
	"cmd/classload":          "", // measures from outside
	"cmd/pageweight":         "",
	"cmd/lawtexts":           "site",
	"cmd/sunnycampus":        "* quizserver render pack twee exchange live contest publish site store quiz fault search",
}

// owners are the only importers of what they wrap.
var owners = map[string]string{
	"github.com/gin-gonic/":      "quizserver",
	"database/sql":               "quizserver/store",
	"github.com/jackc/pgx/":      "quizserver/store",
	"modernc.org/sqlite":         "quizserver/store",
	"github.com/blevesearch/":    "search",
	"github.com/gohugoio/hugo":   "quizserver/site/render",
	"github.com/spf13/cobra":     "cmd/sunnycampus",
	"golang.org/x/crypto/argon2": "quizserver",
}

func TestImports(t *testing.T) {
	out, err := exec.Command("go", "list", "-f", `{{.ImportPath}} {{join .Imports " "}}`, "sunnycampus/...").Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	lines := strings.Split(strings.TrimSpace(string(out)), "\n")
	if len(lines) < 8 {
		t.Fatalf("go list found only %q", lines)
	}
	for _, line := range lines {
		fields := strings.Fields(line)
		from := within(fields[0])
		allowed, known := arrows[from]
		if !known {
			t.Errorf("package %s is not in the table of arrows", from)
		}
		for _, path := range fields[1:] {
			if path == "sunnycampus" || strings.HasPrefix(path, "sunnycampus/") {
				to := within(path)
				name := to[strings.LastIndex(to, "/")+1:]
				if name == "" {
					name = "*" // the embedded source
				}
				if !slices.Contains(strings.Fields(allowed), name) {
					t.Errorf("%s must not import %s", from, to)
				}
			}
			for wrapped, owner := range owners {
				if strings.HasPrefix(path, wrapped) && from != owner {
					t.Errorf("%s imports %s; only %s may", from, path, owner)
				}
			}
		}
	}
}

func within(path string) string {
	return strings.TrimPrefix(strings.TrimPrefix(path, "sunnycampus"), "/")
}
