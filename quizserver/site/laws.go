package site

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"

	"gopkg.in/yaml.v3"

	"sunnycampus/quizserver/fault"
)

// Law is one instrument of the registry, in the version that was checked.
type Law struct {
	ID            string          `yaml:"id"`
	Name          string          `yaml:"name"`
	Short         string          `yaml:"short"`
	Aliases       []string        `yaml:"aliases"`
	Level         string          `yaml:"level"`
	Issuer        string          `yaml:"issuer"`
	Version       string          `yaml:"version"`
	EffectiveDate string          `yaml:"effective_date"`
	EffectiveNote string          `yaml:"effective_note"`
	Status        string          `yaml:"status"`
	ArticlesTotal int             `yaml:"articles_total"`
	CheckedOn     string          `yaml:"checked_on"`
	RecheckBy     string          `yaml:"recheck_by"`
	Renumbered    []Renumbered    `yaml:"renumbered"`
	Articles      map[string]Gist `yaml:"articles"`

	line int // in laws.yaml
}

// Renumbered is an article of an earlier version whose subject has another
// number now.
type Renumbered struct {
	Old   string   `yaml:"old"` // "43"
	Now   string   `yaml:"now"` // "51", or "58、59"
	About string   `yaml:"about"`
	Words []string `yaml:"words"` // tell the old article where its number means another one now
}

// Gist says in plain words what an article means to a child and to a parent.
type Gist struct {
	Topic  string `yaml:"topic"`
	Child  string `yaml:"child"`
	Parent string `yaml:"parent"`
	// Paragraphs is the number of 款, Items that of the 项 in its longest list;
	// `make law-texts` holds both against the text.
	Paragraphs int `yaml:"paragraphs"`
	Items      int `yaml:"items"`
}

// listed tells whether the article is one list: there (3) means 第（三）项,
// elsewhere 第三款.
func (g Gist) listed() bool { return g.Paragraphs == 1 && g.Items > 0 }

// Laws is the registry of the laws that pages may cite.
type Laws struct {
	CheckedOn string `yaml:"checked_on"`
	List      []*Law `yaml:"laws"`
	Repealed  []struct {
		Name string `yaml:"name"`
		Now  string `yaml:"now"`
	} `yaml:"repealed"`
	NamedOnly []struct {
		Name string `yaml:"name"`
		Note string `yaml:"note"`
	} `yaml:"named_only"`

	byName map[string]*Law // full name, short name and aliases
	named  *regexp.Regexp  // a law named at the end of a text
}

// Citation is one article as a page names it.
type Citation struct {
	Law     *Law
	Article string // "39" or "253之一"
	Item    string // "2" of 第二款 or, in a list of items, 第（二）项; "二" is always an item
	Text    string // 《未成年人保护法》第三十九条第二款
	Gist    Gist
}

// Dest is the citation as a link destination.
func (c Citation) Dest() string {
	dest := "law:" + c.Law.Short + "#" + c.Article
	if c.Item != "" {
		dest += "(" + c.Item + ")"
	}
	return dest
}

// URL is where the site explains the article.
func (c Citation) URL() string { return c.Law.URL() + "#" + c.Article }

// URL is the page of the law.
func (law *Law) URL() string { return "/laws/" + law.ID + "/" }

// pages are the pages that the theme makes of the laws, for the search.
func (l *Laws) pages() (out []Page) {
	for _, law := range l.List {
		if law == nil {
			continue
		}
		text := strings.Join(law.names(), "、") + "\n"
		for _, key := range sortedKeys(law.Articles) {
			gist := law.Articles[key]
			text += Citation{Law: law, Article: key}.spelled() + gist.Topic + "。" + gist.Child + gist.Parent + "\n"
		}
		out = append(out, Page{Path: "data/" + lawsFile, URL: law.URL(), Section: "laws", Title: law.Short,
			Summary: law.Name + "：" + law.Version + "，" + law.Status + "。每一条用平常话讲。", Audience: []string{"all"}, Topics: []string{"法律"}, Text: text})
	}
	return out
}

const lawsFile = "laws.yaml"

// LoadLaws reads laws.yaml of the registry folder. The result is never nil;
// with a broken file it is empty and the findings say why.
func LoadLaws(data fs.FS) (*Laws, []Finding) {
	laws := &Laws{}
	log := &report{path: dataPrefix + lawsFile}
	src, err := fs.ReadFile(data, lawsFile)
	if err != nil {
		log.add(1, "data-missing", "找不到法律登记表。请恢复 content/data/laws.yaml，没有它就不能引用法律")
		laws.index()
		return laws, log.findings
	}
	if err := decodeStrict(src, laws); err != nil {
		log.yaml(err)
	}
	laws.number(src)
	laws.index()
	laws.check(log)
	return laws, log.findings
}

// number notes the line of each law, which decoding into structs loses.
func (l *Laws) number(src []byte) {
	var root yaml.Node
	if yaml.Unmarshal(src, &root) != nil || len(root.Content) == 0 {
		return
	}
	list := child(root.Content[0], "laws")
	if list == nil {
		return
	}
	for i, law := range l.List {
		if i < len(list.Content) && law != nil {
			law.line = list.Content[i].Line
		}
	}
}

func (l *Laws) index() {
	l.byName = map[string]*Law{}
	names := []string{"同法", "本法", "该法", `《[^》\n]{1,60}》`}
	for _, law := range l.List {
		if law == nil {
			continue
		}
		for _, name := range law.names() {
			l.byName[name] = law
			names = append(names, regexp.QuoteMeta(name))
		}
	}
	l.named = regexp.MustCompile(`(?:` + strings.Join(names, "|") + `)(?:（[^）\n]{0,20}）)?的?\s*$`)
}

func (law *Law) names() []string {
	all := append([]string{law.Name, law.Short}, law.Aliases...)
	out := all[:0]
	for _, name := range all {
		if name != "" {
			out = append(out, name)
		}
	}
	return out
}

var (
	citationForm = regexp.MustCompile(`^law:([^#]+)#([1-9][0-9]{0,3})(之[一二三四五六七八九十]{1,2})?(?:[(（]([1-9][0-9]?|[一二三四五六七八九十]{1,3})[)）])?$`)
	noArticle    = regexp.MustCompile(`^law:([^#]+)#?$`)
)

// Cite resolves the destination of a citation, "law:未保法#39(2)", plain or
// percent-encoded. The error is a Chinese sentence for the author.
func (l *Laws) Cite(dest string) (Citation, error) {
	if plain, err := url.PathUnescape(dest); err == nil {
		dest = plain
	}
	m := citationForm.FindStringSubmatch(dest)
	if m == nil {
		if m = noArticle.FindStringSubmatch(dest); m != nil {
			return Citation{}, refuse("引用“%s”没有写条号。请写成 law:%s#条号，例如 law:未成年人保护法#39；只提法律名称时直接写《%s》", dest, m[1], m[1])
		}
		return Citation{}, refuse("看不懂引用“%s”。请写成 law:法律名#条号，需要时在括号里写第几款或第几项，例如 law:未保法#39(2)、law:刑法#253之一", dest)
	}
	name, base, suffix, item := m[1], m[2], m[3], m[4]
	law, ok := l.lookup(name)
	if !ok {
		return Citation{}, l.unknown(name)
	}
	gist, known := law.Articles[base+suffix]
	c := Citation{Law: law, Article: base + suffix, Item: item}
	c.Text = c.spelled()
	if n, _ := strconv.Atoi(base); n > law.ArticlesTotal {
		return Citation{}, refuse("《%s》一共 %d 条，没有第 %s 条。请对照官方文本改正条号", law.Short, law.ArticlesTotal, base)
	}
	if old, ok := law.renumbered(c.Article); ok && !known {
		return Citation{}, refuse("%s", old.message(law))
	}
	if !known || gist.Child == "" || gist.Parent == "" {
		return Citation{}, refuse("%s还没有登记通俗说明。请先对照原文，在 content/data/laws.yaml 的 %s 下写好 \"%s\" 的 topic、child 和 parent", c.Text, law.ID, c.Article)
	}
	if err := gist.has(c); err != nil {
		return Citation{}, err
	}
	c.Gist = gist
	return c, nil
}

// has tells whether the article is long enough for the 款 or 项 that c names.
func (g Gist) has(c Citation) error {
	if c.Item == "" || g.Paragraphs == 0 { // 0: nobody counted; check reminds
		return nil
	}
	part, err := strconv.Atoi(c.Item)
	if err == nil && !g.listed() {
		if part > g.Paragraphs {
			if part <= g.Items {
				return refuse("%s不存在：这一条只有 %d 款。要引用第（%s）项，请写 (%[3]s)", c.Text, g.Paragraphs, ChineseNumber(part))
			}
			return refuse("%s不存在：这一条只有 %d 款。请对照原文改正括号里的数字", c.Text, g.Paragraphs)
		}
		return nil
	}
	if err != nil {
		part = NumberOf(c.Item)
	}
	switch {
	case g.Items == 0:
		return refuse("%s不存在：这一条不分项。请对照原文改正括号里的数字", c.Text)
	case part < 1 || part > g.Items:
		return refuse("%s不存在：这一条只有 %d 项。请对照原文改正括号里的数字", c.Text, g.Items)
	}
	return nil
}

func (law *Law) renumbered(article string) (Renumbered, bool) {
	i := slices.IndexFunc(law.Renumbered, func(r Renumbered) bool { return r.Old == article })
	if i < 0 {
		return Renumbered{}, false
	}
	return law.Renumbered[i], true
}

func (r Renumbered) message(law *Law) string {
	return fmt.Sprintf("第 %s 条是《%s》旧文本里“%s”的条号。现行文本（%s）是第 %s 条，请改正", r.Old, law.Short, r.About, law.Version, r.Now)
}

func (l *Laws) lookup(name string) (*Law, bool) {
	if l == nil {
		return nil, false
	}
	law, ok := l.byName[name]
	return law, ok
}

func refuse(format string, args ...any) error {
	return fault.New(fault.Invalid, format+"。", args...)
}

// unknown explains why a name is not in the registry.
func (l *Laws) unknown(name string) error {
	if l != nil {
		for _, old := range l.Repealed {
			if name == old.Name {
				return refuse("《%s》已经废止，不能再引用。请改用%s", name, old.Now)
			}
		}
		for _, doc := range l.NamedOnly {
			if name == doc.Name {
				return refuse("《%s》没有核对过原文，不能引用条号。可以只写名称并注明“以官方文本为准”", name)
			}
		}
		for _, law := range l.List {
			if law != nil && law.Short != "" && (strings.Contains(law.Short, name) || strings.Contains(name, law.Short)) {
				return refuse("法律登记表里没有“%s”，是不是“%s”？请使用 content/data/laws.yaml 里的名称或简称", name, law.Short)
			}
		}
	}
	return refuse("法律登记表里没有“%s”。请使用 content/data/laws.yaml 里的名称或简称；新的法律要先核对原文再登记", name)
}

// spelled is the citation in words: 《未成年人保护法》第三十九条第二款.
func (c Citation) spelled() string {
	base, suffix, split := strings.Cut(c.Article, "之")
	n, _ := strconv.Atoi(base)
	text := "《" + c.Law.Short + "》第" + ChineseNumber(n) + "条"
	if split {
		text += "之" + suffix
	}
	i, err := strconv.Atoi(c.Item)
	switch {
	case c.Item == "":
		return text
	case err != nil:
		return text + "第（" + c.Item + "）项"
	case c.Law.Articles[c.Article].listed():
		return text + "第（" + ChineseNumber(i) + "）项"
	}
	return text + "第" + ChineseNumber(i) + "款"
}

// ChineseNumber writes 1 to 1999 as laws do: 一百三十, 一千零三. Other numbers
// stay in digits.
func ChineseNumber(n int) string {
	if n < 1 || n > 1999 {
		return strconv.Itoa(n)
	}
	digits := []rune("零一二三四五六七八九")
	var out strings.Builder
	gap := false
	for _, place := range []struct {
		size int
		name string
	}{{1000, "千"}, {100, "百"}, {10, "十"}, {1, ""}} {
		d := n / place.size % 10
		switch {
		case d == 0:
			gap = out.Len() > 0
			continue
		case gap:
			out.WriteRune(digits[0])
			gap = false
		}
		// Ten to nineteen are 十 to 十九, without 一 in front.
		if d != 1 || place.size != 10 || out.Len() > 0 {
			out.WriteRune(digits[d])
		}
		out.WriteString(place.name)
	}
	return out.String()
}

var numbers = sync.OnceValue(func() map[string]int {
	all := map[string]int{}
	for n := 1; n < 2000; n++ {
		all[ChineseNumber(n)] = n
	}
	return all
})

// NumberOf reads what ChineseNumber writes; 0 for anything else.
func NumberOf(chinese string) int { return numbers()[chinese] }

// citationError takes the sentence for the author out of an error of Cite.
func citationError(err error) string {
	_, message := fault.Of(err)
	return message
}

var errNoLaws = errors.New("no law registry")

// HTML renders the Markdown of an explanation to safe HTML: paragraphs,
// emphasis, lists and links. A citation becomes a link to the article with its
// gist as the title; raw HTML and images are left out.
func (l *Laws) HTML(markdown string) (string, error) {
	if l == nil {
		return "", errNoLaws
	}
	var out bytes.Buffer
	if err := l.renderer().Convert([]byte(markdown), &out); err != nil {
		return "", fmt.Errorf("render an explanation: %w", err)
	}
	return strings.TrimSpace(out.String()), nil
}
