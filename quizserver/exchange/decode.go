package exchange

import (
	"bytes"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/simplifiedchinese"
	xunicode "golang.org/x/text/encoding/unicode"

	"sunnycampus/quizserver/fault"
)

var errNotText = fault.New(fault.Invalid, "这不是文本文件，或者编码认不出来。请用记事本打开，“另存为”时把编码选成 UTF-8，再试一次")

// decode turns a text file into UTF-8 with plain line ends. A byte order mark
// decides; without one the encodings are tried from the strictest on, since
// windows-1252 takes anything.
func decode(src []byte, r *Report) (string, error) {
	text, name, ok := decoded(src)
	if line := broken(src); line > 0 {
		return "", fault.New(fault.Invalid, "第 %d 行有坏掉的字，别处都是 UTF-8。请改好这一行，存成 UTF-8 再转", line)
	}
	if !ok {
		return "", errNotText
	}
	if name != "" {
		r.about("文件不是 UTF-8 编码，按 %s 读的；如果出现乱码，请另存为 UTF-8 再转", name)
	}
	text = strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(strings.TrimPrefix(text, "\uFEFF"))
	for _, c := range text {
		if unicode.IsControl(c) && c != '\n' && c != '\t' && c != '\v' && c != '\f' {
			return "", errNotText
		}
	}
	return text, nil
}

// decoded returns the text, and the encoding where that had to be guessed.
func decoded(src []byte) (text, name string, ok bool) {
	switch {
	case bytes.HasPrefix(src, []byte("\xFF\xFE")), bytes.HasPrefix(src, []byte("\xFE\xFF")):
		text, ok = try(xunicode.UTF16(xunicode.LittleEndian, xunicode.UseBOM), src)
		return text, "UTF-16", ok
	case utf8.Valid(src) && bytes.IndexByte(src, 0) < 0:
		return string(src), "", true
	}
	if endian, looks := utf16(src); looks {
		text, ok = try(xunicode.UTF16(endian, xunicode.IgnoreBOM), src)
		return text, "UTF-16", ok
	}
	if bytes.IndexByte(src, 0) >= 0 {
		return "", "", false
	}
	if text, ok := try(simplifiedchinese.GB18030, src); ok && looksChinese(src) {
		return text, "GBK（GB18030）", true
	}
	text, ok = try(charmap.Windows1252, src)
	return text, "windows-1252（西文）", ok
}

func try(e encoding.Encoding, src []byte) (string, bool) {
	out, err := e.NewDecoder().Bytes(src)
	return string(out), err == nil && !bytes.ContainsRune(out, utf8.RuneError)
}

// utf16 tells UTF-16 without a mark by the zeros beside ASCII.
func utf16(src []byte) (endian xunicode.Endianness, looks bool) {
	var zeros [2]int
	for i, b := range src {
		if b == 0 {
			zeros[i%2]++
		}
	}
	switch {
	case len(src)%2 != 0:
		return xunicode.LittleEndian, false
	case zeros[1]*20 > len(src) && zeros[1] > 8*zeros[0]: // 一 is 4E 00
		return xunicode.LittleEndian, true
	case zeros[0]*20 > len(src) && zeros[0] > 8*zeros[1]:
		return xunicode.BigEndian, true
	}
	return xunicode.LittleEndian, false
}

// broken is the first line that is no UTF-8 in a file that otherwise is. GBK
// hardly ever makes a letter of UTF-8, and never many.
func broken(src []byte) int {
	good, bad, line := 0, 0, 0
	for rest := src; len(rest) > 0; {
		r, size := utf8.DecodeRune(rest)
		switch {
		case r == utf8.RuneError && size == 1:
			if bad++; bad == 1 {
				line = bytes.Count(src[:len(src)-len(rest)], []byte("\n")) + 1
			}
		case size > 2:
			good++
		}
		rest = rest[size:]
	}
	if good > 10*bad {
		return line
	}
	return 0
}

// looksChinese tells GBK from the accents of windows-1252, which also make
// valid pairs: in a Chinese text nearly all pairs are of GB2312, where both
// bytes are high.
func looksChinese(src []byte) bool {
	usual, rare := 0, 0
	for i := 0; i < len(src); i++ {
		if src[i] < 0x80 {
			continue
		}
		if i+1 < len(src) && src[i] >= 0xA1 && src[i] <= 0xF7 && src[i+1] >= 0xA1 {
			usual++
		} else {
			rare++
		}
		i++
	}
	return usual > rare
}
