package site

import (
	"regexp"
	"strings"
	"testing"
)

func TestAnnotate(t *testing.T) {
	pinyin := &Pinyin{Chars: map[string]string{"的": "de"}}
	const page = `<!DOCTYPE html><html><head><title>小兔</title></head><body><h1>小兔</h1>` +
		`<section data-pinyin=""><h2>小兔的<b>家</b></h2><p class="x" title="小">走 2 步！<a href="/小/">去</a></p>` +
		`<script>var 小=1<2</script><ruby>大<rt>dà</rt></ruby><svg><text>小</text></svg></section><p>小</p></body></html>`
	out, err := pinyin.Annotate([]byte(page))
	if err != nil {
		t.Fatal(err)
	}
	got := string(out)
	for _, want := range []string{
		"<title>小兔</title>", "<h1>小兔</h1>", "<p>小</p>", // not marked
		`<ruby>小<rt aria-hidden="true">xiǎo</rt></ruby><ruby>兔<rt aria-hidden="true">tù</rt></ruby><ruby>的<rt aria-hidden="true">de</rt></ruby><b><ruby>家<rt aria-hidden="true">jiā</rt></ruby></b>`,
		`title="小"`, `href="/小/"`, " 2 ", "！", "var 小=1<2", "<ruby>大<rt>dà</rt></ruby>", "<text>小</text>",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("%q is missing in:\n%s", want, got)
		}
	}
	plain := regexp.MustCompile(`<rt aria-hidden="true">[^<]*</rt>|</?ruby>`).ReplaceAllString(got, "")
	if again := strings.ReplaceAll(plain, "大<rt>dà</rt>", "<ruby>大<rt>dà</rt></ruby>"); again != page {
		t.Errorf("more than readings changed:\n%s\n%s", page, again)
	}
}
