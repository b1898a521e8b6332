package search

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// corpus makes pages of about 1,500 characters from words as unevenly common
// as in real text, always the same.
func corpus(n int) []Doc {
	random := rand.New(rand.NewPCG(1, 2))
	words := strings.Fields(`的 学生 欺凌 学校 老师 家长 孩子 同学 法律 责任 保护 未成年人 校园 可以 应当 行为 伤害 处理 告诉 证据
		调查 报告 制止 网络 班级 心理 辅导 监护人 公安机关 教育 侮辱 殴打 孤立 旁观者 求助 热线 情绪 道歉 惩戒 委员会
		隐私 视频 照片 保存 传播 诽谤 刑事 民事 赔偿 治安 管理 处罚 十四周岁 犯罪 预防 矫治 专门学校 班会 演讲 情景剧 投票`)
	for len(words) < 3000 { // the long tail: made-up words of real characters
		words = append(words, string([]rune{rune(0x4e00 + random.IntN(3500)), rune(0x4e00 + random.IntN(3500))}))
	}
	zipf := rand.NewZipf(random, 1.3, 4, uint64(len(words)-1))
	text := func(length int) string {
		var out strings.Builder
		for i := range length {
			out.WriteString(words[zipf.Uint64()])
			if i%12 == 11 {
				out.WriteString("。")
			}
		}
		return out.String()
	}
	kinds := []string{"law", "lessons", "parents", "help", "policy"}
	docs := make([]Doc, n)
	for i := range docs {
		docs[i] = Doc{
			URL: fmt.Sprintf("/p/%d/", i), Title: text(5), Summary: text(15), Body: text(700),
			Kind: kinds[i%len(kinds)], Audience: []string{kinds[i%3], kinds[i%4]}, Topics: []string{words[i%40], words[i%7]},
		}
	}
	return docs
}

// BenchmarkSearch shows the percentiles of searches among 2,000 pages, and
// what it took to index them.
func BenchmarkSearch(b *testing.B) {
	docs := corpus(2000)
	x, dir := benchIndex(b)
	start := time.Now()
	put(b, x, docs)
	indexing := time.Since(start)

	queries := []string{
		"学生欺凌", "孩子被同学打了怎么办", "法", "未成年人犯罪的刑事责任", "班会", "请问学校应该怎么处理校园欺凌",
		"视频 传播 隐私", "专门学校", "心理辅导热线", "老师不管怎么办", "被孤立", "赔偿", "公安机关 报告", "旁观者", "没有的词",
	}
	var took []time.Duration
	b.ResetTimer()
	for i := 0; b.Loop(); i++ {
		took = append(took, find(b, x, Request{Query: queries[i%len(queries)]}).Took)
	}
	b.StopTimer()
	slices.Sort(took)
	b.ReportMetric(ms(took[len(took)/2]), "ms-p50")
	b.ReportMetric(ms(took[len(took)*99/100]), "ms-p99")
	b.ReportMetric(ms(indexing), "ms-index")
	b.ReportMetric(megabytes(b, dir), "MB-index")
}

// BenchmarkSyncOneEdit shows how soon one edited page of 2,000 can be found.
func BenchmarkSyncOneEdit(b *testing.B) {
	docs := corpus(2000)
	x, _ := benchIndex(b)
	put(b, x, docs)
	for i := 0; b.Loop(); i++ {
		docs[i%len(docs)].Body += "改"
		put(b, x, docs)
	}
}

func benchIndex(b *testing.B) (*Index, string) {
	b.Helper()
	dir := b.TempDir()
	x, err := Open(dir)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { x.Close() })
	return x, dir
}

func ms(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

func megabytes(b *testing.B, dir string) (size float64) {
	b.Helper()
	err := filepath.Walk(dir, func(_ string, info os.FileInfo, err error) error {
		if err == nil && !info.IsDir() {
			size += float64(info.Size()) / 1e6
		}
		return err
	})
	if err != nil {
		b.Fatal(err)
	}
	return size
}
