package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"sunnycampus"
	"sunnycampus/quizserver/fault"
	"sunnycampus/quizserver/site"
)

// sourceFlags choose what a site is made from.
type sourceFlags struct{ root, content string }

func (f *sourceFlags) register(cmd *cobra.Command) {
	cmd.Flags().StringVar(&f.root, "source", "", "含 hugo.toml 和 themes 的文件夹（默认：当前文件夹；没有就用程序自带的）")
	cmd.Flags().StringVar(&f.content, "content", "", "内容文件夹，整个替换自带的内容")
}

// source finds the source. What is embedded is unpacked below data first,
// since Hugo reads folders.
func (f *sourceFlags) source(data string) (src site.Source, err error) {
	if f.content != "" && !isDir(f.content) {
		return src, fault.New(fault.Invalid, "内容文件夹 %s 不存在，请检查 --content", f.content)
	}
	src = site.Source{Root: f.root, Content: f.content}
	switch {
	case f.root != "":
		if !isSource(f.root) {
			return src, fault.New(fault.Invalid, "%s 里没有 hugo.toml 和 themes，请检查 --source", f.root)
		}
		return src, nil
	case isSource("."):
		src.Root = "."
		return src, nil
	}
	src.Root, err = unpackSeed(data)
	return src, err
}

// inScratch finds the source with a work folder that is gone afterwards, for
// commands that keep no data.
func (f *sourceFlags) inScratch(do func(src site.Source, work string) error) error {
	work, err := os.MkdirTemp("", "sunnycampus-")
	if err != nil {
		return fault.Wrap(fault.Unavailable, err, "没有地方放临时文件，请检查磁盘空间")
	}
	defer os.RemoveAll(work)
	src, err := f.source(work)
	if err != nil {
		return err
	}
	return do(src, work)
}

func isDir(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.IsDir()
}

func isSource(root string) bool {
	_, err := os.Stat(filepath.Join(root, "hugo.toml"))
	return err == nil && isDir(filepath.Join(root, "themes"))
}

// unpackSeed writes the embedded source to DATA/source-<hash>, once for each
// version of it, and removes those of other versions.
func unpackSeed(data string) (string, error) {
	sum := sha256.New()
	err := fs.WalkDir(sunnycampus.Seed, ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		body, err := sunnycampus.Seed.ReadFile(path)
		fmt.Fprintf(sum, "%s\x00%d\x00%s", path, len(body), body)
		return err
	})
	if err != nil {
		return "", err
	}
	dir := filepath.Join(data, "source-"+hex.EncodeToString(sum.Sum(nil))[:16])
	if sameAsSeed(dir) {
		return dir, nil
	}
	old, err := filepath.Glob(filepath.Join(data, "source-*"))
	if err != nil {
		return "", err
	}
	for _, path := range old {
		if err := os.RemoveAll(path); err != nil {
			return "", err
		}
	}
	partial := filepath.Join(data, "source-unpacking")
	if err := errors.Join(os.RemoveAll(partial), os.CopyFS(partial, sunnycampus.Seed)); err != nil {
		return "", errors.Join(fault.Wrap(fault.Unavailable, err, "无法写入数据文件夹 "+data+"，请检查权限和磁盘空间"), os.RemoveAll(partial))
	}
	return dir, site.Rename(partial, dir)
}

// sameAsSeed tells whether a folder still holds what is embedded: it looks
// like one to edit, and somebody may have.
func sameAsSeed(dir string) bool {
	disk := os.DirFS(dir)
	err := fs.WalkDir(sunnycampus.Seed, ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		want, err := sunnycampus.Seed.ReadFile(path)
		if err != nil {
			return err
		}
		got, err := fs.ReadFile(disk, path)
		if err == nil && !bytes.Equal(got, want) {
			err = fs.ErrInvalid
		}
		return err
	})
	return err == nil
}

// renderer is how this program calls itself to run Hugo.
func renderer() ([]string, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, fmt.Errorf("find own program: %w", err)
	}
	return []string{self, "render"}, nil
}

// prepareData makes the data folder and proves that it can be written.
func prepareData(data string) error {
	if err := os.MkdirAll(data, 0o700); err != nil {
		return fault.Wrap(fault.Unavailable, err, "无法建立数据文件夹 "+data+"，请用 --data 换一个能写入的文件夹")
	}
	probe, err := os.CreateTemp(data, "probe-*")
	if err != nil {
		return fault.Wrap(fault.Unavailable, err, "数据文件夹 "+data+" 不能写入，请检查权限和磁盘空间，或用 --data 换一个文件夹")
	}
	return errors.Join(probe.Close(), os.Remove(probe.Name()))
}
