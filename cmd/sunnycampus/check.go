package main

import (
	"encoding/json"
	"fmt"
	"os"
	"time"

	"github.com/spf13/cobra"

	"sunnycampus/quizserver/site"
)

func checkCommand() *cobra.Command {
	var from sourceFlags
	var format, today string
	var strict bool
	cmd := &cobra.Command{Use: "check", Short: "检查内容：格式、题目、链接、法律引用、用词", Args: noArgs, RunE: func(*cobra.Command, []string) error {
		if format != "text" && format != "json" {
			return usageError{fmt.Errorf("--format 只能是 text 或 json，收到的是 %q", format)}
		}
		on := time.Now()
		if today != "" {
			var err error
			if on, err = time.ParseInLocation(time.DateOnly, today, time.Local); err != nil {
				return usageError{fmt.Errorf("--today 应形如 2026-11-23，收到的是 %q", today)}
			}
		}
		return from.inScratch(func(src site.Source, _ string) error {
			return report(site.Check(src, site.CheckOptions{Today: on, Strict: strict}), format)
		})
	}}
	from.register(cmd)
	cmd.Flags().StringVar(&format, "format", "text", "输出格式：text 或 json")
	cmd.Flags().StringVar(&today, "today", "", "按这一天判断是否过期，形如 2026-11-23")
	cmd.Flags().BoolVar(&strict, "strict", false, "把提醒也当作错误")
	return cmd
}

// report prints findings one a line and fails when one is an error.
func report(findings []site.Finding, format string) error {
	failures := 0
	for _, f := range findings {
		note := "（提醒）"
		if f.Severity == site.SeverityError {
			failures++
			note = ""
		}
		if format == "text" {
			fmt.Println(f.String() + note)
		}
	}
	if format == "json" {
		if findings == nil {
			findings = []site.Finding{}
		}
		enc := json.NewEncoder(os.Stdout)
		enc.SetEscapeHTML(false)
		enc.SetIndent("", "  ")
		if err := enc.Encode(findings); err != nil {
			return err
		}
	}
	if failures > 0 {
		return fmt.Errorf("内容里有 %d 处错误，请按上面的提示修改", failures)
	}
	if format == "text" {
		fmt.Printf("没有错误，有 %d 处提醒。\n", len(findings))
	}
	return nil
}
