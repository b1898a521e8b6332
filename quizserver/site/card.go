package site

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"sunnycampus/quizserver/fault"
)

// ContactCard holds the people whom a pupil of one school can turn to. A
// school fills it in at set-up, as the province's plan asks counties to
// publish who is in charge. The help page shows it before all other numbers.
type ContactCard struct {
	School    string        `json:"school" yaml:"school"`
	County    string        `json:"county" yaml:"county"`
	CheckedOn string        `json:"checked_on" yaml:"checked_on"` // the day on which somebody rang all numbers
	Lines     []ContactLine `json:"lines" yaml:"lines"`
}

// ContactLine is one person or office. A role stands there once, other as
// often as needed, with a name.
type ContactLine struct {
	Role  string `json:"role" yaml:"role"`
	Name  string `json:"name" yaml:"name"`
	Place string `json:"place" yaml:"place"`
	Phone string `json:"phone" yaml:"phone"`
	Hours string `json:"hours" yaml:"hours"`
	Tel   string `json:"tel,omitempty" yaml:"tel,omitempty"` // what a phone dials; made from Phone
}

const (
	cardFile     = "card.yaml"
	maxCardText  = 40 // characters
	maxCardLines = 8
)

// cardRoles in the order in which they are shown.
var cardRoles = []string{"school-line", "counsellor", "law-vice-head", "county-office", "other"}

// cardLabels are their names in messages.
var cardLabels = map[string]string{"school-line": "学校欺凌防治电话", "counsellor": "心理老师", "law-vice-head": "法治副校长", "county-office": "县（市、区）负责科室", "other": "其他"}

var (
	// One number of 3 to 12 digits, or with +86 in front, and an extension.
	phoneForm   = regexp.MustCompile(`^(\+86[ \-]?[1-9]([ \-]?[0-9]){2,11}|[0-9]([ \-]?[0-9]){2,11})( ?转 ?[0-9]{1,6})?$`)
	phoneDashes = strings.NewReplacer("——", "-", "—", "-", "－", "-", "–", "-", "（", "", "）", "-", "(", "", ")", "-", "　", " ")
)

// Check tidies the card and refuses what cannot be shown to a child: a wrong
// number is worse than none. The error is a sentence for the person who
// filled it in.
func (c *ContactCard) Check(today time.Time) error {
	for _, text := range []*string{&c.School, &c.County} {
		if err := tidy(text); err != nil {
			return err
		}
	}
	if c.School == "" && c.County == "" {
		return fault.New(fault.Invalid, "请写学校名称，或者县（市、区）的名称")
	}
	on, err := time.Parse(time.DateOnly, c.CheckedOn)
	if err != nil || on.After(today) {
		return fault.New(fault.Invalid, "请写核实日期：这些电话最近一次是哪天打通的，不能晚于今天")
	}
	kept := []ContactLine{}
	seen := map[string]bool{}
	for _, line := range c.Lines {
		if err := line.check(); err != nil {
			_, message := fault.Of(err)
			return fault.New(fault.Invalid, "%s：%s", cardLabels[line.Role], message)
		}
		if line.Name+line.Place+line.Phone+line.Hours == "" {
			continue
		}
		if seen[line.Role] && line.Role != "other" {
			return fault.New(fault.Invalid, "同一种联系人只能写一行，多出来的请写在“其他”里")
		}
		seen[line.Role] = true
		kept = append(kept, line)
	}
	if len(kept) == 0 || len(kept) > maxCardLines {
		return fault.New(fault.Invalid, "请填 1 到 %d 个联系人", maxCardLines)
	}
	slices.SortStableFunc(kept, func(a, b ContactLine) int {
		return slices.Index(cardRoles, a.Role) - slices.Index(cardRoles, b.Role)
	})
	c.Lines = kept
	return nil
}

func (l *ContactLine) check() error {
	for _, text := range []*string{&l.Name, &l.Place, &l.Phone, &l.Hours} {
		if err := tidy(text); err != nil {
			return err
		}
	}
	if !slices.Contains(cardRoles, l.Role) {
		return fault.New(fault.Invalid, "没有“%s”这种联系人，可以写 %s", l.Role, strings.Join(cardRoles, "、"))
	}
	if l.Name+l.Place+l.Phone+l.Hours == "" {
		return nil
	}
	l.Phone = strings.Join(strings.Fields(phoneDashes.Replace(halfWidth(l.Phone))), " ")
	l.Tel = ""
	switch {
	case l.Phone == "" && l.Place == "":
		return fault.New(fault.Invalid, "至少要写电话，或者在哪里能找到")
	case l.Role == "other" && l.Name == "":
		return fault.New(fault.Invalid, "“其他”联系人要写明是谁，例如 宿管老师")
	case l.Phone == "":
		return nil
	case !phoneForm.MatchString(l.Phone):
		return fault.New(fault.Invalid, "“%s”不像一个电话号码。请只写数字和短横线，例如 0451-12345678，分机写 转801", l.Phone)
	}
	number, _, _ := strings.Cut(l.Phone, "转")
	l.Tel = strings.NewReplacer("-", "", " ", "").Replace(number)
	return nil
}

// halfWidth turns the digits of a Chinese keyboard into those of a phone.
func halfWidth(s string) string {
	return strings.Map(func(r rune) rune {
		if r >= '０' && r <= '９' {
			return r - '０' + '0'
		}
		return r
	}, s)
}

// tidy trims a text of one line.
func tidy(text *string) error {
	*text = strings.TrimSpace(*text)
	if utf8.RuneCountInString(*text) > maxCardText {
		return fault.New(fault.Invalid, "“%s…”太长了，请缩短到 %d 个字以内", string([]rune(*text)[:12]), maxCardText)
	}
	if strings.ContainsFunc(*text, func(r rune) bool { return unicode.IsControl(r) || r == utf8.RuneError }) {
		return fault.New(fault.Invalid, "联系卡里有不能用的字符，请重新输入")
	}
	return nil
}

// ContactCard is what the help page shows: the card that was filled in on this
// server, else card.yaml of the registries, else nil. A card.yaml that check
// refuses is a *BuildError: a wrong number is worse than an old site.
func (b *Builder) ContactCard(ctx context.Context) (*ContactCard, error) {
	if b.Card != nil {
		if c, err := b.Card(ctx); c != nil || err != nil {
			return c, err
		}
	}
	src, err := fs.ReadFile(b.Source.DataFS(), cardFile)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	log := &report{path: dataPrefix + cardFile}
	if err != nil {
		log.add(1, "file", "读不了这个文件，请检查文件权限")
	}
	card := readCard(log, src, time.Now())
	return card, stopOn(log.findings)
}

// readCard parses card.yaml; what is wrong with it goes to log.
func readCard(log *report, src []byte, today time.Time) *ContactCard {
	if at := invalidUTF8(src); at >= 0 {
		log.add(lineAt(lineStarts(src), at), "encoding", "这里不是 UTF-8 文字。请用编辑器把文件另存为 UTF-8 编码")
		return nil
	}
	card := &ContactCard{}
	if err := decodeStrict(src, card); errors.Is(err, io.EOF) {
		log.add(1, "card", "联系卡是空的。不用它就删去这个文件")
		return nil
	} else if err != nil {
		log.yaml(err)
		return nil
	}
	if err := card.Check(today); err != nil {
		_, message := fault.Of(err)
		log.add(1, "card", "%s", message)
	}
	return card
}

// encoded is the card as the templates read it; none is an empty object.
func (c *ContactCard) encoded() ([]byte, error) {
	if c == nil {
		return []byte("{}"), nil
	}
	return json.Marshal(c)
}
