// Command lawtexts holds the law registry against the full texts of the laws
// and writes what the tests of the content compare with: a digest, the number
// of paragraphs (款) and items (项), and the key words of each article that the
// registry lists. The texts themselves stay outside the repository.
package main

import (
	"flag"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"

	"gopkg.in/yaml.v3"

	"sunnycampus/quizserver/site"
)

func main() {
	texts := flag.String("texts", "", "folder with the law texts, one <id>.md or several <id>_<part>.md a law")
	data := flag.String("data", "content/data", "folder of the registry")
	out := flag.String("out", "quizserver/site/testdata/law-texts.yaml", "file to write")
	flag.Parse()
	if err := run(*texts, *data, *out); err != nil {
		fmt.Fprintln(os.Stderr, "lawtexts:", err)
		os.Exit(1)
	}
}

func run(texts, data, out string) error {
	if texts == "" {
		return fmt.Errorf("name the folder with the law texts: make law-texts DIR=…")
	}
	laws, findings := site.LoadLaws(os.DirFS(data))
	for _, f := range findings {
		if f.Severity == site.SeverityError {
			return fmt.Errorf("the registry is broken: %s", f)
		}
	}
	read := map[string]map[string]*article{}
	common := counts{}
	for _, law := range laws.List {
		articles, err := readLaw(texts, law)
		if err != nil {
			return err
		}
		read[law.ID] = articles
		common.add(articles)
	}
	facts, slips := compare(laws, read, common)
	for _, slip := range slips {
		fmt.Fprintln(os.Stderr, slip)
	}
	if len(slips) > 0 { // the list of changed texts must not be lost to a run that fails
		return fmt.Errorf("%d places where the registry does not agree with the texts", len(slips))
	}
	changed := changes(out, facts)
	body, err := yaml.Marshal(facts)
	if err != nil {
		return err
	}
	head := "# Written by `make law-texts DIR=…` from the texts of the laws. Not edited by hand.\n"
	if err := os.WriteFile(out, append([]byte(head), body...), 0o644); err != nil {
		return err
	}
	for _, article := range changed {
		fmt.Println("the text has changed, read the gist and the pages again:", article)
	}
	return nil
}

// fact is what the tests know of an article's text.
type fact struct {
	Digest     string   `yaml:"digest"` // SHA-256 of the text without white space
	Paragraphs int      `yaml:"paragraphs"`
	Items      int      `yaml:"items,omitempty"`
	Words      []string `yaml:"words,flow"`
}

// compare makes the facts of all registered articles and lists where the
// registry contradicts the texts.
func compare(laws *site.Laws, read map[string]map[string]*article, common counts) (map[string]map[string]fact, []string) {
	facts := map[string]map[string]fact{}
	var slips []string
	slip := func(format string, args ...any) { slips = append(slips, fmt.Sprintf(format, args...)) }
	for _, law := range laws.List {
		articles := read[law.ID]
		facts[law.ID] = map[string]fact{}
		own := counts{}
		own.add(articles)
		if last := lastNumber(articles); last > law.ArticlesTotal {
			slip("%s: the text has an article %d, the registry says there are %d", law.ID, last, law.ArticlesTotal)
		}
		for _, key := range slices.Sorted(maps.Keys(law.Articles)) {
			a, gist := articles[key], law.Articles[key]
			if a == nil {
				slip("%s: the text has no article %s", law.ID, key)
				continue
			}
			if gist.Paragraphs != len(a.paragraphs) || gist.Items != a.items {
				slip("%s %s: the text has %d paragraphs and up to %d items, the registry says %d and %d",
					law.ID, key, len(a.paragraphs), a.items, gist.Paragraphs, gist.Items)
			}
			facts[law.ID][key] = fact{a.digest(), len(a.paragraphs), a.items, common.keyWords(a, own)}
		}
	}
	return facts, slips
}

// changes lists the articles whose text differs from the last comparison.
func changes(out string, facts map[string]map[string]fact) (changed []string) {
	var before map[string]map[string]fact
	if src, err := os.ReadFile(out); err != nil || yaml.Unmarshal(src, &before) != nil {
		return nil
	}
	for law, articles := range facts {
		for key, now := range articles {
			if old, known := before[law][key]; known && old.Digest != now.Digest {
				changed = append(changed, law+" "+key)
			}
		}
	}
	slices.Sort(changed)
	return changed
}

// readLaw reads all files of a law. A law that is complete in one file must
// have as many articles as the registry says.
func readLaw(dir string, law *site.Law) (map[string]*article, error) {
	whole, _ := filepath.Glob(filepath.Join(dir, law.ID+".md"))
	parts, _ := filepath.Glob(filepath.Join(dir, law.ID+"_*.md"))
	files := append(whole, parts...)
	if len(files) == 0 {
		return nil, fmt.Errorf("no text of %s (%s) in %s", law.Name, law.ID, dir)
	}
	all := map[string]*article{}
	for _, name := range files {
		src, err := os.ReadFile(name)
		if err != nil {
			return nil, err
		}
		for key, a := range readArticles(string(src)) {
			if all[key] != nil {
				return nil, fmt.Errorf("%s: article %s stands there twice", name, key)
			}
			all[key] = a
		}
	}
	if n := lastNumber(all); len(files) == 1 && n != law.ArticlesTotal {
		return nil, fmt.Errorf("%s ends with article %d, the registry says %d", files[0], n, law.ArticlesTotal)
	}
	return all, nil
}
