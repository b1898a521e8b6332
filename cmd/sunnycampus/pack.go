package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"sunnycampus/quizserver"
	"sunnycampus/quizserver/fault"
	"sunnycampus/quizserver/pack"
	"sunnycampus/quizserver/site"
)

func packCommand() *cobra.Command {
	var from sourceFlags
	var where storeFlags
	var out, edition string
	cmd := &cobra.Command{Use: "pack --out 文件.zip", Short: "打成离线包：解压到 U 盘，双击就能看", Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if !strings.HasSuffix(out, ".zip") {
				return usageError{errors.New("请用 --out 写明输出到哪个 .zip 文件")}
			}
			kind := site.Edition(edition)
			if kind != site.PupilEdition && kind != site.TeacherEdition {
				return usageError{fmt.Errorf("--edition 只能是 pupil（学生版）或 teacher（教师版，含答案），收到的是 %q", edition)}
			}
			return from.inScratch(func(src site.Source, work string) error {
				return packSite(cmd.Context(), &site.Builder{Source: src, Data: work, Edition: kind}, where, out)
			})
		}}
	from.register(cmd)
	where.register(cmd)
	cmd.Flags().StringVar(&out, "out", "", "输出的 .zip 文件")
	cmd.Flags().StringVar(&edition, "edition", string(site.PupilEdition), "pupil 学生版；teacher 教师版，含答案")
	return cmd
}

func packSite(ctx context.Context, b *site.Builder, where storeFlags, out string) (err error) {
	if b.Command, err = renderer(); err != nil {
		return err
	}
	if where.exists() { // the school's own contact card goes along
		db, err := where.open(ctx)
		if err != nil {
			return err
		}
		defer db.Close()
		b.Card = quizserver.Card(db, slog.New(slog.NewTextHandler(os.Stderr, nil)))
	}
	release, err := b.Build(ctx)
	if err != nil {
		return err
	}
	read, write := io.Pipe()
	go func() { write.CloseWithError(pack.Write(write, release, b.Edition, time.Now())) }()
	if err := save(out, read); err != nil {
		return fault.Wrap(fault.Unavailable, err, "离线包没有写成，请检查 "+out+" 所在的文件夹和磁盘空间")
	}
	name := map[site.Edition]string{site.PupilEdition: "学生版，没有答案", site.TeacherEdition: "教师版，含答案，请不要发给学生"}[b.Edition]
	fmt.Printf("已写好离线包 %s（%s）。解压后双击 index.html。\n", out, name)
	return nil
}
