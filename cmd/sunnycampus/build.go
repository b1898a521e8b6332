package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"sunnycampus/quizserver/fault"
	"sunnycampus/quizserver/site"
)

// builtMark tells a folder that build wrote from one that is somebody's own.
const builtMark = ".sunnycampus-build"

func buildCommand() *cobra.Command {
	var from sourceFlags
	var out, baseURL string
	cmd := &cobra.Command{Use: "build --out 文件夹", Short: "生成静态网站", Args: noArgs, RunE: func(cmd *cobra.Command, _ []string) error {
		if out == "" {
			return usageError{errors.New("请用 --out 写明输出到哪个文件夹")}
		}
		if err := checkBaseURL(&baseURL); err != nil {
			return err
		}
		if err := checkOut(out); err != nil {
			return err
		}
		return from.inScratch(func(src site.Source, work string) error { return build(cmd.Context(), src, work, out, baseURL) })
	}}
	from.register(cmd)
	cmd.Flags().StringVar(&out, "out", "", "输出文件夹")
	registerBaseURL(cmd, &baseURL)
	return cmd
}

func build(ctx context.Context, src site.Source, work, out, baseURL string) error {
	child, err := renderer()
	if err != nil {
		return err
	}
	builder := site.Builder{Source: src, Data: work, BaseURL: baseURL, Command: child}
	release, err := builder.Build(ctx)
	if err != nil {
		return err
	}
	if err := replace(out, release.Public()); err != nil {
		return err
	}
	for _, w := range release.Warnings {
		fmt.Fprintln(os.Stderr, "提醒："+w.String())
	}
	fmt.Printf("已生成 %d 个页面，在 %s\n", release.PageCount, out)
	return nil
}

// checkOut refuses to replace a folder that holds somebody's own files.
func checkOut(out string) error {
	entries, err := os.ReadDir(out)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fault.Wrap(fault.Invalid, err, "输出位置 "+out+" 不是能用的文件夹")
	}
	if _, err := os.Stat(filepath.Join(out, builtMark)); err != nil && len(entries) > 0 {
		return fault.New(fault.Invalid, "文件夹 %s 里有别的文件；请换一个空文件夹，以免覆盖", out)
	}
	return nil
}

// replace puts a tree at out whole: the old one goes only when the new one is
// complete.
func replace(out string, tree fs.FS) error {
	partial := filepath.Clean(out) + ".partial"
	if err := errors.Join(os.RemoveAll(partial), os.CopyFS(partial, tree)); err != nil {
		return errors.Join(fault.Wrap(fault.Unavailable, err, "无法写入 "+out+"，请检查权限和磁盘空间"), os.RemoveAll(partial))
	}
	if err := os.WriteFile(filepath.Join(partial, builtMark), nil, 0o644); err != nil {
		return err
	}
	// The old one moves aside first: where that is refused, nothing is lost.
	old := filepath.Clean(out) + ".old"
	if err := errors.Join(os.RemoveAll(old), moveAside(out, old)); err != nil {
		return errors.Join(fault.Wrap(fault.Unavailable, err, out+" 正在使用或是一个挂载点，换不了；请换一个输出文件夹"), os.RemoveAll(partial))
	}
	if err := site.Rename(partial, out); err != nil {
		return errors.Join(fault.Wrap(fault.Unavailable, err, "无法写入 "+out), moveAside(old, out))
	}
	return os.RemoveAll(old)
}

func moveAside(from, to string) error {
	if err := site.Rename(from, to); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}
