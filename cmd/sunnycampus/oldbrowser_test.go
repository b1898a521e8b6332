package main

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
	"github.com/evanw/esbuild/pkg/api"
	"github.com/google/go-cmp/cmp"
)

// Schools still run the 360 browser on Chromium 69. What is newer is listed
// here by the version that brought it (MDN browser-compat-data); js.Build
// lowers syntax, and nothing lowers the rest.

// newScripts are names in a script, each with what must be in the same script
// where it may be used after all. The type check knows the language's own
// library (jsconfig.json); this is what it cannot know, and what any hides.
var newScripts = []struct {
	name    *regexp.Regexp
	since   int
	besides string
}{
	{regexp.MustCompile(`\.(replaceChildren|replaceAll|any)\(`), 86, ""},
	{regexp.MustCompile(`\.(at|findLast|findLastIndex|hasOwn|structuredClone|randomUUID)\(`), 92, ""},
	{regexp.MustCompile(`\.(matchAll|fromEntries|allSettled|requestSubmit)\(`), 73, ""},
	{regexp.MustCompile(`\b(queueMicrotask|globalThis)\b`), 71, ""},
	{regexp.MustCompile(`\b(requestFullscreen|exitFullscreen|fullscreenElement)\b`), 71, "webkitFullscreenElement"},
	{regexp.MustCompile(`\bIntl\.(RelativeTimeFormat|ListFormat|DisplayNames|Segmenter|Locale)\b`), 71, ""},
	{regexp.MustCompile(`\bnew (WeakRef|FinalizationRegistry|CSSStyleSheet)\b`), 73, ""},
	{regexp.MustCompile(`\.(submitter|inert|ariaLabel|ariaExpanded|ariaPressed|popover)\b`), 81, ""},
	{regexp.MustCompile(`\bAbortSignal\.|\.throwIfAborted\(|addEventListener\([^()]*\{signal\b`), 90, ""},
	{regexp.MustCompile(`\.(checkVisibility|showPopover|startViewTransition|canShare|groupBy|toSorted|toReversed|toSpliced)\(`), 89, ""},
	{regexp.MustCompile(`:(has|is|where)\(|:focus-visible`), 86, ""}, // in selectors
}

// TestScriptsRunInOldBrowsers reads every script that the built site sends.
func TestScriptsRunInOldBrowsers(t *testing.T) {
	t.Parallel()
	_, site := shippedSite(t)
	var read int
	eachFile(t, site, ".js", func(name, body string) {
		read++
		// What esbuild would still lower for Chromium 69 it prints otherwise.
		if diff := cmp.Diff(printed(t, api.LoaderJS, body, "69"), printed(t, api.LoaderJS, body, "200")); diff != "" {
			t.Errorf("%s has syntax that Chromium 69 cannot read:\n%s", name, diff)
		}
		for _, n := range newScripts {
			if found := n.name.FindString(body); found != "" && (n.besides == "" || !strings.Contains(body, n.besides)) {
				t.Errorf("%s uses %s, new in Chromium %d or later", name, found, n.since)
			}
		}
	})
	if read < 10 {
		t.Errorf("read %d scripts", read)
	}
}

// printed is a text as esbuild prints it for a version of Chromium.
func printed(t *testing.T, kind api.Loader, text, version string) string {
	t.Helper()
	out := api.Transform(text, api.TransformOptions{Loader: kind, Engines: []api.Engine{{Name: api.EngineChrome, Version: version}}})
	if len(out.Errors) > 0 {
		t.Error(out.Errors[0].Text)
	}
	return string(out.Code)
}

// TestStylesHoldInOldBrowsers reads every style sheet: what Chromium 69 drops
// must have something in its place.
func TestStylesHoldInOldBrowsers(t *testing.T) {
	t.Parallel()
	_, site := shippedSite(t)
	var read int
	eachFile(t, site, ".css", func(name, body string) {
		read++
		for _, finding := range dropped(body) {
			t.Errorf("%s: %s", name, finding)
		}
	})
	if read < 10 {
		t.Errorf("read %d style sheets", read)
	}
}

// TestDroppedStylesAreFound keeps the reader of style sheets from going blind.
func TestDroppedStylesAreFound(t *testing.T) {
	t.Parallel()
	for css, want := range map[string]int{
		`a{display:grid;grid-gap:1px;width:calc(1px + 2px);top:0}`:              0,
		`a{width:9rem;width:min(100%,9rem)}`:                                    0,
		`@supports (width:min(1px,2px)){a{width:min(100%,9rem)}}`:               0,
		`a:focus{color:red}a:focus:not(:focus-visible){outline:none}`:           0,
		`@media (min-width:9px){a{grid-template-columns:minmax(0,1fr)}}`:        0,
		`a{display:flex;gap:1px}`:                                               1,
		`a{inset:0}`:                                                            1,
		`a{width:min(100%,9rem)}`:                                               1,
		`a{width:9rem;width:min(100%,var(--w))}`:                                1, // accepted for its var(), then worth nothing
		`a{height:100dvh}`:                                                      1,
		`@supports not (width:min(1px,2px)){a{width:min(100%,9rem)}}`:           1,
		`a:focus:not(:focus-visible),b{outline:none}`:                           1,
		`a:has(b){color:red}`:                                                   1,
		`a{b{color:red}}`:                                                       1,
		`@layer x{a{color:red}}`:                                                1,
		`@media (width>=9px){a{color:red}}`:                                     1,
		`a{content:"gap:1px;inset:0";background:url(x;gap:1px)}`:                0,
		`a{color:color-mix(in srgb,red,blue);aspect-ratio:1/1;margin-inline:0}`: 3,
	} {
		if got := dropped(css); len(got) != want {
			t.Errorf("%s: %v, want %d", css, got, want)
		}
	}
}

var (
	cssWords   = regexp.MustCompile(`"[^"]*"|'[^']*'|url\([^)]*\)`)
	cssBlock   = regexp.MustCompile(`([^{}]*)([{}])`)
	newRule    = regexp.MustCompile(`^@(layer|container|property|scope|starting-style)\b|^@media.*[<>]|:(is|where|has)\(|:not\([^()]*,`)
	newState   = regexp.MustCompile(`:focus-visible|::marker|::details-content|:modal\b`)                                                     // a rule of their own may be dropped
	newDeclare = regexp.MustCompile(`^(gap|row-gap|inset(-.*)?|aspect-ratio|(margin|padding|border)-(inline|block)|translate|rotate|scale)$`) // flex gap 84, inset 87, aspect-ratio 88
	newValue   = regexp.MustCompile(`(^|[^\w-])(min|max|clamp|color-mix|light-dark|oklch|oklab|lch|lab|color)\(|\d[dsl]v(h|w|min|max)\b|\dcq\w+|\br?lh\b|^clip$|^revert`)
)

// dropped says what Chromium 69 drops from a style sheet without a substitute:
// an earlier value of the same property, or @supports around it.
func dropped(css string) (findings []string) {
	found := func(what ...any) { findings = append(findings, fmt.Sprint(what...)) }
	var open []string
	for _, m := range cssBlock.FindAllStringSubmatch(cssWords.ReplaceAllString(css, `""`), -1) {
		text := strings.TrimSpace(m[1])
		guarded := false
		for _, rule := range open {
			guarded = guarded || strings.HasPrefix(rule, "@supports") && !strings.HasPrefix(rule, "@supports not")
		}
		if m[2] == "{" {
			if nested := len(open) > 0 && !strings.HasPrefix(open[len(open)-1], "@"); nested || !guarded && newRule.MatchString(text) {
				found("rule ", text)
			} else if !strings.HasPrefix(text, "@") && dropsOthers(text) {
				found("one selector drops the rule of all: ", text)
			}
			open = append(open, text)
			continue
		}
		before := map[string]bool{}
		for _, declaration := range strings.Split(text, ";") {
			property, value, _ := strings.Cut(strings.TrimSpace(declaration), ":")
			fresh := newValue.MatchString(value)
			if !guarded && (newDeclare.MatchString(property) || fresh && (!before[property] || strings.Contains(value, "var("))) {
				found(declaration, " of ", open[len(open)-1])
			}
			before[property] = before[property] || !fresh
		}
		open = open[:len(open)-1]
	}
	return findings
}

// dropsOthers tells whether a list mixes selectors that Chromium 69 can read
// with such that it cannot: it then drops the whole rule.
func dropsOthers(list string) bool {
	selectors := strings.Split(list, ",")
	fresh := 0
	for _, selector := range selectors {
		if newState.MatchString(selector) {
			fresh++
		}
	}
	return fresh > 0 && fresh < len(selectors)
}

var webkit = regexp.MustCompile(`<meta name="renderer" content="webkit"/?>`)

// TestPagesSayWhatAnOldBrowserNeeds: no page asks for an old engine, and where
// a script draws, a sentence stands until it does.
func TestPagesSayWhatAnOldBrowserNeeds(t *testing.T) {
	t.Parallel()
	pages, _ := shippedSite(t)
	live := 0
	for path, body := range pages {
		if !webkit.MatchString(body) {
			t.Errorf("%s does not ask for the newer engine", path)
		}
		if !strings.Contains(body, "/js/live/") {
			continue
		}
		live++
		if !strings.Contains(body, "data-practice") && !(strings.Contains(body, `class="notice late"`) && strings.Contains(body, "极速模式")) {
			t.Errorf("%s is empty without a script and does not say why", path)
		}
	}
	if live < 5 {
		t.Errorf("found %d live pages", live)
	}
}

// TestWeChatSaysWhereToGo: its browser keeps no file and prints nothing.
func TestWeChatSaysWhereToGo(t *testing.T) {
	t.Parallel()
	p := served(t)
	w := openBrowserOn(t, p.url).tab(360, 740)
	if _, err := chromedp.Call(w.ctx, emulation.SetUserAgentOverride, emulation.SetUserAgentOverrideParams{UserAgent: "Mozilla/5.0 (Linux; Android 12) MicroMessenger/8.0.40"}); err != nil {
		t.Fatal(err)
	}
	w.open("/host/?quiz=what-is-bullying")
	w.says("在浏览器打开")
	w.open("/lessons/bystander-choices/")
	value[bool](w, `(window.alert = text => { window.said = text }, window.print = () => { window.printed = true }, true)`)
	w.click("教师卡")
	w.until(`/在浏览器打开/.test(window.said) && !window.printed`)
	w.open("/start/")
	w.until(`document.getElementById("sign-in-password")`)
	value[bool](w, `(document.getElementById("sign-in-name").value = "教务处", document.getElementById("sign-in-password").value = "一句只有您知道的话而已", true)`)
	w.click("建立账号")
	w.says("已登录")
	w.click("下载备份")
	w.says("微信里存不了文件")
}
