package site

import (
	"strings"
	"testing"

	"sunnycampus/quizserver/quiz"
)

func TestPinyinReads(t *testing.T) {
	p, findings := LoadPinyin(seed.DataFS())
	if len(findings) > 0 {
		t.Fatal(findings)
	}
	for text, want := range map[string]string{
		"你好":       "nǐ hǎo",
		"我们的小兔":    "wǒ men de xiǎo tù",
		"他受不了":     "tā shòu bu liǎo",
		"不对，不行！":   "bú duì bù xíng",
		"一个人":      "yí gè rén",
		"一起走一步":    "yì qǐ zǒu yí bù",
		"第一，十一，一月": "dì yī shí yī yī yuè",
		"星期三一起":    "xīng qī sān yì qǐ",
		"周一，小周一笑":  "zhōu yī xiǎo zhōu yí xiào",
		"一年级一年":    "yī nián jí yì nián",
		"A1，。":     "",
	} {
		var got []string
		for _, s := range p.Read(text) {
			if s.Reading != "" {
				got = append(got, s.Reading)
			}
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%s reads %q, want %q", text, strings.Join(got, " "), want)
		}
	}
	if !p.Read("长")[0].Unsure || p.Read("看")[0].Unsure {
		t.Error("長 alone must be unsure, 看 not")
	}
}

func TestEveryPinyinWordHasItsSyllables(t *testing.T) {
	p, _ := LoadPinyin(seed.DataFS())
	for word, reading := range p.Words {
		for _, syllable := range strings.Fields(reading) {
			if !strings.ContainsAny(syllable, "aeiouüāáǎàēéěèīíǐìōóǒòūúǔùǖǘǚǜ") && syllable != "n" && syllable != "ng" && syllable != "r" {
				t.Errorf("%s: %q is no syllable", word, syllable)
			}
		}
	}
}

// TestCheckLeavesTeachersWordsAlone: only what pupils read needs a reading.
func TestCheckLeavesTeachersWordsAlone(t *testing.T) {
	in := sample(map[string]string{
		"content/lessons/four-points/index.md": strings.NewReplacer("今天我们说", "家长和校长说", "audience: [primary-mid]", "audience: [primary-low]").Replace(goodLesson),
		"content/quizzes/older.md":             strings.NewReplacer("老师之间", "家长之间", "primary-mid", "junior", "基础题", "给初中").Replace(goodQuiz),
	})
	for _, f := range check(in, CheckOptions{Today: today}) {
		if f.Code == "pinyin" {
			t.Error(f)
		}
	}
}

func TestQuizzesForTheYoungCarryReadings(t *testing.T) {
	read := func(audience string) *quiz.Quiz {
		t.Helper()
		in := sample(map[string]string{"content/quizzes/basics.md": strings.Replace(goodQuiz, "[primary-mid]", audience, 1)})
		library, findings := loadLibrary(in.content, testLaws(t), &Pinyin{})
		q, ok := library.Quiz("basics")
		if !ok {
			t.Fatal(findings)
		}
		return q
	}
	q := read("[primary-low, primary-high]")
	stem, option := q.Items[0], q.Items[0].Options[1]
	if q.Pinyin != quiz.PinyinShown || len(stem.Reading) != len([]rune(stem.Stem)) || stem.Reading[0] != "qī" || stem.Reading[len(stem.Reading)-1] != "" {
		t.Errorf("pinyin %q, stem %q reads %q", q.Pinyin, stem.Stem, stem.Reading)
	}
	if len(option.Reading) != len([]rune(option.Text)) || option.Reading[0] != "xué" {
		t.Errorf("option %q reads %q", option.Text, option.Reading)
	}
	if html := stem.ExplanationHTML; !strings.Contains(html, `<ruby>解<rt aria-hidden="true">`) || !strings.Contains(html, "CANARY ") || !strings.Contains(html, `<a class="cite" href="/laws/wcnrbhf/#130" title=`) {
		t.Errorf("explanation: %s", html)
	}
	prompt := stem.Prompt()
	if len(prompt.Reading) == 0 || len(prompt.Options[0].Reading) == 0 {
		t.Errorf("the prompt lost its readings: %+v", prompt)
	}
	if q := read("[primary-mid, junior]"); q.Pinyin != quiz.PinyinOffered || q.Items[0].Reading == nil {
		t.Errorf("with older pupils: pinyin %q, %q", q.Pinyin, q.Items[0].Reading)
	}
	if q := read("[primary-high, teachers]"); q.Pinyin != "" || q.Items[0].Reading != nil || strings.Contains(q.Items[0].ExplanationHTML, "ruby") {
		t.Errorf("for others: pinyin %q, %q", q.Pinyin, q.Items[0].Reading)
	}
}
