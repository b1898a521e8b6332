// Package store keeps what must survive: rooms, seats, answers, accounts.
// It speaks one SQL text to SQLite and to PostgreSQL and is the only importer
// of database/sql.
package store

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"
	_ "modernc.org/sqlite" // SQLite driver

	"sunnycampus/quizserver/fault"
)

//go:embed migrations/*.sql
var migrations embed.FS

// DB is an open database with a group-committing writer.
type DB struct {
	read, write *sql.DB
	path        string // of the SQLite file; empty on PostgreSQL
	queue       chan *pending
	closing     sync.RWMutex // held shared while a write is queued
	closed      bool
	stopped     sync.WaitGroup
}

// Open opens and migrates "file:PATH" (SQLite) or "postgres://…".
func Open(ctx context.Context, dsn string) (*DB, error) {
	db := &DB{queue: make(chan *pending, 4096)}
	var dialect goose.Dialect
	var options []goose.ProviderOption
	var err error
	switch {
	case strings.HasPrefix(dsn, "postgres://"), strings.HasPrefix(dsn, "postgresql://"):
		dialect = goose.DialectPostgres
		locker, lockErr := lock.NewPostgresSessionLocker()
		if lockErr != nil {
			return nil, lockErr
		}
		options = append(options, goose.WithSessionLocker(locker))
		config, err := pgx.ParseConfig(dsn)
		if err != nil {
			return nil, fault.Wrap(fault.Invalid, err, "数据库地址写得不对，应形如 postgres://用户:密码@主机/库名")
		}
		db.write = stdlib.OpenDB(*config)
		db.write.SetMaxOpenConns(16)
		db.read = db.write
	case strings.HasPrefix(dsn, "file:"):
		dialect = goose.DialectSQLite3
		db.path = strings.TrimPrefix(dsn, "file:")
		if db.write, db.read, err = openSQLite(db.path); err != nil {
			return nil, err
		}
	default:
		return nil, fault.New(fault.Invalid, "数据库地址应以 file: 或 postgres:// 开头，收到的是 %q", dsn)
	}
	if err := db.migrate(ctx, dialect, options); err != nil {
		return nil, errors.Join(err, db.closePools())
	}
	db.stopped.Go(db.commitLoop)
	return db, nil
}

// openSQLite gives writes one connection of their own, so that a reader never
// meets SQLITE_BUSY and writers queue in Go. Pragmas stand in the DSN because
// a pool opens connections later, too; busy_timeout comes first.
func openSQLite(path string) (write, read *sql.DB, err error) {
	if strings.Contains(path, "?") {
		return nil, nil, fault.New(fault.Invalid, "数据文件的路径里不能有问号：%s", path)
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, nil, fault.Wrap(fault.Unavailable, err, "无法建立数据文件夹 "+filepath.Dir(path)+"，请换一个能写入的文件夹（--data）")
	}
	pragmas := "?_txlock=immediate&_pragma=busy_timeout(5000)&_pragma=journal_mode(WAL)" +
		"&_pragma=synchronous(FULL)&_pragma=foreign_keys(ON)&_pragma=secure_delete(ON)" // what is deleted is to be gone from the file, too
	if write, err = sql.Open("sqlite", path+pragmas); err != nil {
		return nil, nil, err
	}
	write.SetMaxOpenConns(1)
	write.SetMaxIdleConns(1)
	if err := write.Ping(); err != nil {
		return nil, nil, errors.Join(explainOr(err, "无法打开数据文件 "+path+"，请检查文件夹能否写入、磁盘是否已满"), write.Close())
	}
	if read, err = sql.Open("sqlite", path+pragmas+"&_pragma=query_only(ON)"); err != nil {
		return nil, nil, errors.Join(err, write.Close())
	}
	read.SetMaxOpenConns(8)
	return write, read, nil
}

func (db *DB) migrate(ctx context.Context, dialect goose.Dialect, options []goose.ProviderOption) error {
	scripts, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return err
	}
	provider, err := goose.NewProvider(dialect, db.write, scripts, options...)
	if err != nil {
		return fmt.Errorf("read migrations: %w", err)
	}
	if _, err := provider.Up(ctx); err != nil {
		return explainOr(err, "无法准备数据库，请检查地址、用户名、密码和库名，以及能否写入")
	}
	return nil
}

// Close commits what is queued and closes the database.
func (db *DB) Close() error {
	db.closing.Lock()
	db.closed = true
	close(db.queue)
	db.closing.Unlock()
	db.stopped.Wait()
	return db.closePools()
}

func (db *DB) closePools() error {
	err := db.write.Close()
	if db.read != db.write {
		err = errors.Join(err, db.read.Close())
	}
	return err
}

// Ping tells whether the database answers.
func (db *DB) Ping(ctx context.Context) error { return db.read.PingContext(ctx) }

// BackupTo writes a consistent copy of a SQLite database while it is in use,
// over a connection of its own: writers do not wait for it.
func (db *DB) BackupTo(ctx context.Context, file string) error {
	if db.path == "" {
		return fault.New(fault.Invalid, "PostgreSQL 的数据请用 pg_dump 备份")
	}
	conn, err := sql.Open("sqlite", db.path+"?_pragma=busy_timeout(5000)")
	if err != nil {
		return err
	}
	_, err = conn.ExecContext(ctx, `VACUUM INTO $1`, file)
	if err := errors.Join(err, conn.Close()); err != nil {
		return explain(fmt.Errorf("vacuum into %s: %w", file, err))
	}
	return nil
}
