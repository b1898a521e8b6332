package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"sunnycampus"
	"sunnycampus/quizserver/exchange"
	"sunnycampus/quizserver/fault"
	"sunnycampus/quizserver/quiz"
	"sunnycampus/quizserver/site"
)

func quizCommand() *cobra.Command {
	root := &cobra.Command{Use: "quiz", Short: "题库", Args: noArgs, RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() }}
	var title string
	convert := &cobra.Command{Use: "convert 输入文件 输出文件", Short: "题库和别的文件互相转换：.md .xlsx .csv .gift .xml（Moodle）",
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 2 {
				return usageError{errors.New("convert 后面写两个文件：从哪个文件读，写到哪个文件")}
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			return convertQuiz(args[0], args[1], title, cmd.ErrOrStderr())
		}}
	convert.Flags().StringVar(&title, "title", "", "题库的标题（默认：文件里写的；没有就用文件名）")
	template := &cobra.Command{Use: "template 文件.xlsx", Short: "写一个空的 Excel 模板，里面有示例和说明", Args: oneArg("文件名"),
		RunE: func(_ *cobra.Command, args []string) error { return writeTemplate(args[0]) }}
	root.AddCommand(convert, template)
	return root
}

// convertQuiz goes by the endings of the names. What became of each item goes
// to report; the new file is written whole or not at all. Items that could not
// be read are an error even though the others were written.
func convertQuiz(in, out, title string, report io.Writer) error {
	_, from := exchange.FormatOf(in)
	to, known := exchange.FormatOf(out)
	if !from || !known {
		return usageError{fmt.Errorf("只能在 %s 之间转换，收到的是 %s 和 %s", exchange.Endings, in, out)}
	}
	if err := mustBeNew(out); err != nil {
		return err
	}
	source, err := os.ReadFile(in)
	if err != nil {
		return fault.Wrap(fault.Invalid, err, "读不了 "+in)
	}
	opt := exchange.Options{Title: title, Spell: spelling()}
	q, notes, err := exchange.Read(in, source, opt)
	if err != nil {
		if notes != nil {
			fmt.Fprint(report, notes)
		}
		return err
	}
	converted, more, err := exchange.Write(to, q, opt)
	notes.Add(more)
	fmt.Fprint(report, notes)
	if err != nil {
		return err
	}
	if err := save(out, bytes.NewReader(converted)); err != nil {
		return fault.Wrap(fault.Unavailable, err, "写不了 "+out+"，请检查它所在的文件夹和磁盘空间")
	}
	if to == exchange.Markdown {
		nameFits(out, converted, report)
	}
	if n := notes.Refused(); n > 0 {
		return fault.New(fault.Invalid, "有 %d 处没有转换，别的 %d 道题已经写进 %s。请按上面说的改好，删去 %[3]s 再转一次", n, notes.Items, out)
	}
	fmt.Println("已写好", out)
	return nil
}

// nameFits says when a bank cannot keep the name of its file.
func nameFits(out string, source []byte, report io.Writer) {
	_, err := quiz.Parse(filepath.ToSlash(out), source)
	var one *quiz.Error
	if errors.As(err, &one) {
		fmt.Fprintln(report, "说明　放进网站前："+one.Message)
	}
}

func writeTemplate(out string) error {
	if format, _ := exchange.FormatOf(out); format != exchange.XLSX {
		return usageError{fmt.Errorf("模板是 Excel 文件，文件名请以 .xlsx 结尾，收到的是 %s", out)}
	}
	if err := mustBeNew(out); err != nil {
		return err
	}
	body, err := exchange.Template()
	if err != nil {
		return err
	}
	if err := save(out, bytes.NewReader(body)); err != nil {
		return fault.Wrap(fault.Unavailable, err, "写不了 "+out+"，请检查它所在的文件夹和磁盘空间")
	}
	fmt.Println("已写好", out)
	return nil
}

func mustBeNew(out string) error {
	if _, err := os.Stat(out); err == nil {
		return fault.New(fault.Conflict, "%s 已经有了；请换一个文件名，或先把它挪开", out)
	}
	return nil
}

// spelling is what the registry of laws knows: the one of the folder we are
// in, or else our own.
func spelling() quiz.Spell {
	data, err := fs.Sub(sunnycampus.Seed, "content/data")
	if here := filepath.Join("content", "data"); isSource(".") && isDir(here) {
		data, err = os.DirFS(here), nil
	}
	if err != nil {
		return nil
	}
	laws, _ := site.LoadLaws(data) // check names what is wrong with it
	return func(dest string) (string, bool) {
		c, err := laws.Cite(dest)
		return c.Text, err == nil
	}
}
