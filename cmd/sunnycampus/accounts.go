package main

import (
	"bufio"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"sunnycampus/quizserver"
	"sunnycampus/quizserver/fault"
	"sunnycampus/quizserver/store"
	"sunnycampus/search"
)

// storeFlags choose the database.
type storeFlags struct{ data, dsn string }

func (f *storeFlags) register(cmd *cobra.Command) {
	cmd.Flags().StringVar(&f.data, "data", "data", "数据文件夹")
	cmd.Flags().StringVar(&f.dsn, "db", "", "数据库：file:路径 或 postgres://…（默认在数据文件夹里）")
}

// place names the database without a password in it.
func (f *storeFlags) place() string {
	if u, err := url.Parse(f.dsn); err == nil && u.Host != "" {
		return u.Redacted()
	}
	return cmp.Or(f.dsn, quizserver.DatabaseFile(f.data))
}

// exists tells whether there is a database already; opening makes one.
func (f *storeFlags) exists() bool {
	if strings.HasPrefix(f.dsn, "postgres") {
		return true
	}
	_, err := os.Stat(cmp.Or(strings.TrimPrefix(f.dsn, "file:"), quizserver.DatabaseFile(f.data)))
	return err == nil
}

func (f *storeFlags) open(ctx context.Context) (*store.DB, error) {
	dsn := f.dsn
	if dsn == "" {
		dsn = "file:" + quizserver.DatabaseFile(f.data)
	}
	return store.Open(ctx, dsn)
}

func userCommand() *cobra.Command {
	user := &cobra.Command{Use: "user", Short: "管理工作人员账号", Args: noArgs, RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() }}
	var where storeFlags
	var role, organisation string
	var fromStdin bool
	add := &cobra.Command{Use: "add 账号名 --role 角色 --password-stdin [--organisation 单位]", Short: "新建账号", Args: oneArg("账号名"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if !fromStdin {
				return usageError{errors.New("请加 --password-stdin，并从标准输入给出密码，这样密码不会留在命令记录里")}
			}
			password, err := bufio.NewReader(io.LimitReader(os.Stdin, 1024)).ReadString('\n')
			if err != nil && !errors.Is(err, io.EOF) {
				return fmt.Errorf("read password: %w", err)
			}
			account, err := quizserver.NewAccount(cmd.Context(), args[0], role, strings.TrimRight(password, "\r\n"))
			if err != nil {
				return err
			}
			db, err := where.open(cmd.Context())
			if err != nil {
				return err
			}
			account.Organisation, err = organisationID(cmd.Context(), db, organisation)
			if err == nil {
				err = db.CreateAccount(cmd.Context(), account, time.Now().UnixMilli())
			}
			if err := errors.Join(err, db.Close()); err != nil {
				return err
			}
			fmt.Printf("已建立账号 %s（%s），单位：%s，在数据库 %s\n", account.Name, account.Role, cmp.Or(organisation, wholeSite), where.place())
			return nil
		}}
	where.register(add)
	add.Flags().StringVar(&role, "role", "", "角色："+strings.Join(quizserver.Roles, "、"))
	add.Flags().StringVar(&organisation, "organisation", "", "学校或主管单位的名称，只看得到它和下面的；看得到全部的写“全部”，只有一所学校时可以不写")
	add.Flags().BoolVar(&fromStdin, "password-stdin", false, "从标准输入读密码")
	user.AddCommand(add, moveUserCommand())
	return user
}

func moveUserCommand() *cobra.Command {
	var where storeFlags
	var organisation string
	move := &cobra.Command{Use: "move 账号名 --organisation 单位", Short: "把账号换到另一个单位", Args: oneArg("账号名"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if organisation == "" {
				return usageError{errors.New("请加 --organisation，写明换到哪个单位；看得到全部的写“全部”")}
			}
			db, err := where.open(cmd.Context())
			if err != nil {
				return err
			}
			id, err := organisationID(cmd.Context(), db, organisation)
			if err == nil {
				err = db.MoveAccount(cmd.Context(), args[0], id)
			}
			if err := errors.Join(err, db.Close()); err != nil {
				return err
			}
			fmt.Printf("账号 %s 现在是“%s”的了\n", args[0], organisation)
			return nil
		}}
	where.register(move)
	move.Flags().StringVar(&organisation, "organisation", "", "学校或主管单位的名称；看得到全部的写“全部”")
	return move
}

const wholeSite = "全部" // the organisation of who sees all

// organisationID finds an organisation by its name; with those above it, as in
// 甲县教育局/第一小学, where several share a name.
func organisationID(ctx context.Context, db *store.DB, name string) (string, error) {
	all, err := db.Organisations(ctx)
	if err != nil || name == wholeSite || name == "" && len(all) <= 1 {
		return "", err
	}
	if name == "" {
		return "", usageError{fmt.Errorf("这里有 %d 个单位，请加 --organisation，写明账号是哪个单位的；看得到全部的写 --organisation %s", len(all), wholeSite)}
	}
	known := map[string]store.Organisation{}
	for _, o := range all {
		known[o.ID] = o
	}
	var found []string
	for _, o := range all {
		path := o.Name
		for up, above := known[o.Parent]; above; up, above = known[up.Parent] {
			path = up.Name + "/" + path
		}
		if strings.HasSuffix("/"+path, "/"+name) {
			found = append(found, o.ID)
		}
	}
	switch len(found) {
	case 0:
		return "", fault.New(fault.NotFound, "没有叫“%s”的单位。请管理员登录以后，先在 /staff/classes/ 加上它", name)
	case 1:
		return found[0], nil
	}
	return "", fault.New(fault.Invalid, "有 %d 个单位叫“%s”，请连上级单位一起写，例如 甲县教育局/%s", len(found), name, name)
}

func backupCommand() *cobra.Command {
	var where storeFlags
	cmd := &cobra.Command{Use: "backup 文件.zip", Short: "备份数据，运行中也可以", Args: oneArg("备份文件名"),
		RunE: func(cmd *cobra.Command, args []string) (err error) {
			if !where.exists() {
				return fault.New(fault.Invalid, "%s 不存在，没有可备份的数据，请检查 --data 或 --db", where.place())
			}
			db, err := where.open(cmd.Context())
			if err != nil {
				return err
			}
			defer func() { err = errors.Join(err, db.Close()) }()
			backup, err := quizserver.WriteBackup(cmd.Context(), db, version)
			if err != nil {
				return err
			}
			defer backup.Close()
			if err := save(args[0], backup); err != nil {
				return fault.Wrap(fault.Unavailable, err, "备份没有写成，请检查 "+args[0]+" 所在的文件夹和磁盘空间")
			}
			fmt.Println("已备份到", args[0])
			return nil
		}}
	where.register(cmd)
	return cmd
}

// save writes a file whole or not at all.
func save(path string, body io.Reader) error {
	partial := path + ".partial"
	f, err := os.Create(partial)
	if err != nil {
		return err
	}
	_, err = io.Copy(f, body)
	if err := errors.Join(err, f.Sync(), f.Close()); err != nil {
		return errors.Join(err, os.Remove(partial))
	}
	return os.Rename(partial, path)
}

func restoreCommand() *cobra.Command {
	var data string
	cmd := &cobra.Command{Use: "restore 文件.zip", Short: "还原备份（先关闭程序）", Args: oneArg("备份文件名"),
		RunE: func(cmd *cobra.Command, args []string) error {
			// Whoever serves from this folder holds its index.
			index, err := search.Open(filepath.Join(data, "index"))
			if errors.Is(err, search.ErrInUse) {
				return fault.New(fault.Conflict, "程序正在使用数据文件夹 %s，请先关闭它再还原", data)
			}
			if err != nil {
				return fault.Wrap(fault.Unavailable, err, "无法使用数据文件夹 "+data)
			}
			defer index.Close()
			kept, err := quizserver.Restore(cmd.Context(), args[0], data)
			if err != nil {
				return err
			}
			fmt.Println("已还原。")
			if kept != "" {
				fmt.Println("原来的数据保留在", kept)
			}
			return nil
		}}
	cmd.Flags().StringVar(&data, "data", "data", "数据文件夹")
	return cmd
}
