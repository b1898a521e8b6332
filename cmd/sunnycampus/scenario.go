package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"sunnycampus/quizserver/fault"
	"sunnycampus/quizserver/twee"
)

func scenarioCommand() *cobra.Command {
	scenario := &cobra.Command{Use: "scenario", Short: "情景剧", Args: noArgs, RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() }}
	scenario.AddCommand(&cobra.Command{Use: "convert 输入文件 输出文件", Short: "情景剧和 Twine 的 Twee 3 互相转换：.md ↔ .twee",
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 2 {
				return usageError{errors.New("convert 后面写两个文件：从哪个文件读，写到哪个文件")}
			}
			return nil
		},
		RunE: func(_ *cobra.Command, args []string) error { return convertScenario(args[0], args[1]) }})
	return scenario
}

// convertScenario goes by the endings of the names and writes the new file
// whole or not at all.
func convertScenario(in, out string) error {
	from, to := strings.ToLower(filepath.Ext(in)), strings.ToLower(filepath.Ext(out))
	convert := twee.FromMarkdown
	switch twine := func(ext string) bool { return ext == ".twee" || ext == ".tw" }; {
	case from == ".md" && twine(to):
	case twine(from) && to == ".md":
		convert = twee.ToMarkdown
	default:
		return usageError{fmt.Errorf("只能在 .md 和 .twee（或 .tw）之间转换，收到的是 %s 和 %s", in, out)}
	}
	if err := mustBeNew(out); err != nil {
		return err
	}
	source, err := os.ReadFile(in)
	if err != nil {
		return fault.Wrap(fault.Invalid, err, "读不了 "+in)
	}
	converted, err := convert(string(source))
	if err != nil {
		return err
	}
	if err := save(out, strings.NewReader(converted)); err != nil {
		return fault.Wrap(fault.Unavailable, err, "写不了 "+out+"，请检查它所在的文件夹和磁盘空间")
	}
	fmt.Println("已写好", out)
	return nil
}
