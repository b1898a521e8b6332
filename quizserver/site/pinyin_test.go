package site

import (
	"strings"
	"testing"
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
