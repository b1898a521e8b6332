package site

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"gopkg.in/yaml.v3"
)

// lawFact is what testdata/law-texts.yaml keeps of an article's text; `make
// law-texts` writes it.
type lawFact struct {
	Digest     string   `yaml:"digest"`
	Paragraphs int      `yaml:"paragraphs"`
	Items      int      `yaml:"items"`
	Words      []string `yaml:"words"`
}

func lawFacts(t *testing.T) map[string]map[string]lawFact {
	t.Helper()
	src, err := os.ReadFile("testdata/law-texts.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var facts map[string]map[string]lawFact
	if err := yaml.Unmarshal(src, &facts); err != nil {
		t.Fatal(err)
	}
	return facts
}

func (f lawFact) common(text string) (words []string) {
	for _, word := range f.Words {
		if strings.Contains(text, word) {
			words = append(words, word)
		}
	}
	return words
}

// cited is one citation of the seed with the text around it.
type cited struct {
	path string
	line int
	Citation
	around string // block, without what citations generate
}

var generated = regexp.MustCompile(`（?《[^》]*》第[零一二三四五六七八九十百千]+条(之[一二三四五六七八九十]+)?(第[一二三四五六七八九十]+款|第（[一二三四五六七八九十]+）项)?）?`)

// citations lists every citation of the seed.
func citations(t *testing.T, laws *Laws) (all []cited) {
	t.Helper()
	content := seed.ContentFS()
	files, err := markdownFiles(content)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range files {
		d := readDocument(content, name)
		for _, p := range d.parts() {
			f := newFlow(p.root, p.src, laws)
			for _, c := range f.cites {
				all = append(all, cited{name, p.lineAt(f.position(c.start)), c.Citation, generated.ReplaceAllString(f.around(c.span, "\n"), "")})
			}
		}
	}
	return all
}

// TestRegistryAgreesWithTheLawTexts compares each registered article with what
// was taken from the text of the law.
func TestRegistryAgreesWithTheLawTexts(t *testing.T) {
	facts := lawFacts(t)
	laws, _ := LoadLaws(seed.DataFS())
	for _, law := range laws.List {
		for _, key := range sortedKeys(law.Articles) {
			gist, fact := law.Articles[key], facts[law.ID][key]
			if fact.Digest == "" {
				t.Errorf("%s %s was never compared with a text: run make law-texts DIR=…", law.ID, key)
				continue
			}
			if gist.Paragraphs != fact.Paragraphs || gist.Items != fact.Items {
				t.Errorf("%s %s: registry says %d paragraphs and %d items, the text has %d and %d", law.ID, key, gist.Paragraphs, gist.Items, fact.Paragraphs, fact.Items)
			}
			if words := fact.common(gist.Topic + gist.Child + gist.Parent); len(words) == 0 {
				t.Errorf("%s %s: the gist shares no key word with the text: %s %s %s", law.ID, key, gist.Topic, gist.Child, gist.Parent)
			}
		}
		for key := range facts[law.ID] {
			if _, known := law.Articles[key]; !known {
				t.Errorf("%s %s is compared but no longer registered: run make law-texts DIR=…", law.ID, key)
			}
		}
	}
}

// TestCitationsAgreeWithTheLawTexts wants the words around each citation to
// share a key word with the article, so that a slip in the number shows.
func TestCitationsAgreeWithTheLawTexts(t *testing.T) {
	facts := lawFacts(t)
	laws, _ := LoadLaws(seed.DataFS())
	all := citations(t, laws)
	caught, slips := 0, 0
	for _, c := range all {
		if words := facts[c.Law.ID][c.Article].common(c.around); len(words) == 0 {
			t.Errorf("content/%s:%d: nothing around %s reminds of its text: %s", c.path, c.line, c.Text, c.around)
		}
		// How many slips to a neighbouring article would be noticed?
		for other := range c.Law.Articles {
			if other != c.Article {
				slips++
				if len(facts[c.Law.ID][other].common(c.around)) == 0 {
					caught++
				}
			}
		}
	}
	if share := 100 * caught / max(slips, 1); share < 60 {
		t.Errorf("of the slips to another article of the same law only %d%% would be noticed: the key words say too little", share)
	} else {
		t.Logf("%d citations; of the slips to another article of the same law %d%% would be noticed", len(all), share)
	}
}
