package site

import (
	"io/fs"
	"path"
	"regexp"
	"regexp/syntax"
	"slices"
	"strconv"
	"strings"
	"time"

	"gopkg.in/yaml.v3"
)

var (
	lawID      = regexp.MustCompile(`^[a-z][a-z0-9_]*$`)
	articleKey = regexp.MustCompile(`^([1-9][0-9]{0,3})(之[一二三四五六七八九十]{1,2})?$`)
)

// check holds the registry itself against the rules.
func (l *Laws) check(log *report) {
	if !isDate(l.CheckedOn) {
		log.add(1, "law-date", "checked_on 要写成年-月-日，表示核对到哪一天")
	}
	taken := map[string]string{}
	for _, law := range l.List {
		if law == nil {
			log.add(1, "law-shape", "laws 里有空的一项，请删去")
			continue
		}
		law.check(log, l.CheckedOn)
		for _, name := range append(slices.Compact(slices.Sorted(slices.Values(law.names()))), "id:"+law.ID) {
			if other, twice := taken[name]; twice {
				log.add(law.line, "law-duplicate", "“%s”同时属于 %s 和 %s。名称、简称和 id 都不能重复", strings.TrimPrefix(name, "id:"), other, law.ID)
			}
			taken[name] = law.ID
		}
	}
	for _, old := range l.Repealed {
		if old.Name == "" || old.Now == "" {
			log.add(1, "law-shape", "repealed 的每一项都要有 name（废止的法律）和 now（现在用什么）")
		}
	}
	for _, doc := range l.NamedOnly {
		if doc.Name == "" || doc.Note == "" {
			log.add(1, "law-shape", "named_only 的每一项都要有 name 和 note")
		}
	}
}

func (law *Law) check(log *report, checkedOn string) {
	at := law.line
	if !lawID.MatchString(law.ID) {
		log.add(at, "law-shape", "法律的 id “%s”不能用在网址里，请用小写英文字母", law.ID)
	}
	for _, f := range []struct{ key, value string }{
		{"name", law.Name}, {"short", law.Short}, {"level", law.Level}, {"issuer", law.Issuer}, {"version", law.Version}, {"status", law.Status},
	} {
		if strings.TrimSpace(f.value) == "" {
			log.add(at, "law-shape", "%s 缺少 %s，请补上", law.ID, f.key)
		}
	}
	for _, f := range []struct{ key, value string }{
		{"effective_date", law.EffectiveDate}, {"checked_on", law.CheckedOn}, {"recheck_by", law.RecheckBy},
	} {
		if !isDate(f.value) {
			log.add(at, "law-date", "%s 的 %s 要写成年-月-日，例如 2026-06-03", law.ID, f.key)
		}
	}
	if isDate(law.CheckedOn) && isDate(checkedOn) && law.CheckedOn > checkedOn {
		log.add(at, "law-date", "%s 的 checked_on 晚于整张表核对到的 %s，请改正其中一个", law.ID, checkedOn)
	}
	if law.ArticlesTotal <= 0 && len(law.Articles) > 0 {
		log.add(at, "law-shape", "%s 缺少 articles_total（一共多少条），没有它就查不出写错的条号", law.ID)
	}
	for _, r := range law.Renumbered {
		if !articleKey.MatchString(r.Old) || !allArticles(r.Now) || r.About == "" {
			log.add(at, "law-shape", "%s 的 renumbered 每一项都要有 old（旧条号，阿拉伯数字）、now（新条号，几条用、隔开）和 about（讲什么）", law.ID)
		}
	}
	law.checkArticles(log)
}

func allArticles(list string) bool {
	return !slices.ContainsFunc(strings.Split(list, "、"), func(key string) bool { return !articleKey.MatchString(key) })
}

func (law *Law) checkArticles(log *report) {
	for _, key := range sortedKeys(law.Articles) {
		gist := law.Articles[key]
		m := articleKey.FindStringSubmatch(key)
		if m == nil {
			log.add(law.line, "law-article", "%s 的条号“%s”要写成阿拉伯数字，例如 \"39\" 或 \"253之一\"", law.ID, key)
			continue
		}
		if n, _ := strconv.Atoi(m[1]); law.ArticlesTotal > 0 && n > law.ArticlesTotal {
			log.add(law.line, "law-article", "%s 一共 %d 条，没有第 %s 条。请对照原文改正", law.ID, law.ArticlesTotal, key)
		}
		if gist.Topic == "" || gist.Child == "" || gist.Parent == "" {
			log.add(law.line, "law-gist", "%s 第 %s 条缺少 topic、child 或 parent，请用自己的话补上", law.ID, key)
		}
		if gist.Paragraphs < 1 || gist.Items < 0 {
			log.warn(law.line, "law-parts", "%s 第 %s 条没有写 paragraphs（这一条有几款；有分项的，再写 items，一共几项）。请对照原文数一数，不写就查不出写错的款和项", law.ID, key)
		}
	}
}

func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

func isDate(s string) bool {
	_, err := time.Parse(time.DateOnly, s)
	return err == nil
}

// child returns the value of a key in a YAML table.
func child(table *yaml.Node, key string) *yaml.Node {
	if table.Kind == yaml.MappingNode {
		for i := 0; i+1 < len(table.Content); i += 2 {
			if table.Content[i].Value == key {
				return table.Content[i+1]
			}
		}
	}
	return nil
}

func value(table *yaml.Node, key string) string {
	if n := child(table, key); n != nil && n.Kind == yaml.ScalarNode && n.Tag != "!!null" {
		return strings.TrimSpace(n.Value)
	}
	return ""
}

// checkRegistries reads the other data files and loads the wording rules.
func (c *checker) checkRegistries() {
	log := &report{path: dataPrefix + lawsFile}
	for _, law := range c.laws.List {
		if law != nil && isDate(law.RecheckBy) && law.RecheckBy < c.today {
			log.warn(law.line, "law-recheck", "《%s》应当在 %s 前重新核对，已经过期。请对照国家法律法规数据库核对，再改 checked_on 和 recheck_by", law.Short, law.RecheckBy)
		}
	}
	c.findings = append(c.findings, log.findings...)
	files, _ := fs.Glob(c.in.data, "*.yaml")
	for _, name := range files {
		if name == lawsFile {
			continue
		}
		log := &report{path: dataPrefix + name}
		c.checkData(log, name)
		c.findings = append(c.findings, log.findings...)
	}
}

func (c *checker) checkData(log *report, name string) {
	src, err := fs.ReadFile(c.in.data, name)
	if err != nil {
		log.add(1, "file", "读不了这个文件，请检查文件权限")
		return
	}
	var root yaml.Node
	if err := yaml.Unmarshal(src, &root); err != nil {
		log.yaml(err)
		return
	}
	if len(root.Content) == 0 {
		log.add(1, "data-shape", "文件是空的，请恢复内容")
		return
	}
	switch path.Base(name) {
	case "contacts.yaml":
		checkContacts(log, root.Content[0])
	case "helplines.yaml":
		checkHelplines(log, root.Content[0], c.yearAgo())
	case pinyinFile:
		var found []Finding
		c.pinyin, found = LoadPinyin(c.in.data)
		log.findings = append(log.findings, found...)
	case cardFile:
		today, _ := time.Parse(time.DateOnly, c.today)
		if card := readCard(log, src, today); card != nil && len(log.findings) == 0 && card.CheckedOn < c.yearAgo() {
			log.warn(1, "card-due", "联系卡上的电话超过一年没有核实了。请逐个打一次，再改 checked_on")
		}
	case "wording.yaml":
		c.loadWording(log, src, root.Content[0])
	}
}

// yearAgo is the day before which a rung number is no longer believed.
func (c *checker) yearAgo() string {
	today, _ := time.Parse(time.DateOnly, c.today)
	return today.AddDate(-1, 0, 0).Format(time.DateOnly)
}

func rows(log *report, table *yaml.Node, key string) []*yaml.Node {
	list := child(table, key)
	if list == nil || list.Kind != yaml.SequenceNode || len(list.Content) == 0 {
		log.add(table.Line, "data-shape", "缺少列表 %s，请补上", key)
		return nil
	}
	return list.Content
}

// emergency numbers are public knowledge and never test-dialled.
var emergency = []string{"110", "119", "120"}

func checkContacts(log *report, table *yaml.Node) {
	for _, key := range []string{"source", "published"} {
		if value(table, key) == "" {
			log.add(table.Line, "contact-source", "通讯录缺少 %s。电话要写明从哪里来、哪一年公布的", key)
		}
	}
	for _, row := range rows(log, table, "offices") {
		for _, key := range []string{"region", "office", "printed", "status"} {
			if value(row, key) == "" {
				log.add(row.Line, "contact-shape", "这个单位缺少 %s，请补上", key)
			}
		}
		if on := value(row, "verified_on"); on != "" && !isDate(on) {
			log.add(row.Line, "contact-date", "verified_on 要写成年-月-日；没有核实过就留空")
		}
	}
}

// checkHelplines reads the lines; those rung before oldest are due again.
func checkHelplines(log *report, table *yaml.Node, oldest string) {
	for _, row := range rows(log, table, "lines") {
		number := value(row, "number")
		for _, key := range []string{"number", "name", "when", "hours"} {
			if value(row, key) == "" {
				log.add(row.Line, "helpline-shape", "这条热线缺少 %s，请补上", key)
			}
		}
		if value(row, "source") == "" {
			log.add(row.Line, "helpline-source", "热线 %s 没有写来源 source，请写明从哪里得知", number)
		}
		switch on := value(row, "checked_on"); {
		case on == "" && slices.Contains(emergency, number):
			// Nobody may dial these to see whether they work.
		case on == "":
			log.warn(row.Line, "helpline-date", "热线 %s 还没有人拨打核实。核实后请填 checked_on", number)
		case !isDate(on):
			log.add(row.Line, "helpline-date", "热线 %s 的 checked_on 要写成年-月-日；没有核实过就留空", number)
		case on < oldest:
			log.warn(row.Line, "helpline-due", "热线 %s 超过一年没有试打了。请再打一次，改 checked_on", number)
		}
	}
}

func (c *checker) loadWording(log *report, src []byte, table *yaml.Node) {
	var file struct {
		Rules []wordingRule `yaml:"rules"`
	}
	if err := decodeStrict(src, &file); err != nil {
		log.yaml(err)
	}
	lines := rows(log, table, "rules")
	for i, rule := range file.Rules {
		if i >= len(lines) {
			break
		}
		at := lines[i].Line
		if rule.Pattern == "" || rule.Reason == "" || rule.Suggest == "" {
			log.add(at, "wording-rule", "这条用词规则要有 pattern、reason 和 suggest")
			continue
		}
		if rule.Severity != SeverityError && rule.Severity != SeverityWarning {
			log.add(at, "wording-rule", "severity 要写 error 或 warning")
			continue
		}
		if err := rule.compile(); err != nil {
			log.add(at, "wording-rule", "“%s”不是正确的匹配式：%s。请按 RE2 语法改正", rule.Pattern, err)
			continue
		}
		c.wording = append(c.wording, rule)
	}
}

func (w *wordingRule) compile() error {
	var err error
	if w.pattern, err = regexp.Compile(w.Pattern); err != nil {
		return err
	}
	for _, e := range w.Except {
		except, err := regexp.Compile(e)
		if err != nil {
			return err
		}
		w.except = append(w.except, except)
	}
	if tree, err := syntax.Parse(w.Pattern, syntax.Perl); err == nil {
		w.needs = literals(tree)
	}
	return nil
}

// literals lists words of which every match holds at least one, or nil when
// there is no such list. Looking for words is far quicker than matching.
func literals(tree *syntax.Regexp) []string {
	switch tree.Op {
	case syntax.OpLiteral:
		if tree.Flags&syntax.FoldCase == 0 {
			return []string{string(tree.Rune)}
		}
	case syntax.OpCapture, syntax.OpPlus:
		return literals(tree.Sub[0])
	case syntax.OpConcat:
		var best []string
		for _, sub := range tree.Sub {
			if words := literals(sub); words != nil && (best == nil || shortest(words) > shortest(best)) {
				best = words
			}
		}
		return best
	case syntax.OpAlternate:
		var all []string
		for _, sub := range tree.Sub {
			words := literals(sub)
			if words == nil {
				return nil
			}
			all = append(all, words...)
		}
		return all
	}
	return nil
}

func shortest(words []string) int {
	return len(slices.MinFunc(words, func(a, b string) int { return len(a) - len(b) }))
}
