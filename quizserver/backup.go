package quizserver

import (
	"archive/zip"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"sunnycampus/quizserver/fault"
	"sunnycampus/quizserver/store"
)

const databaseName = "sunnycampus.db"

// DatabaseFile is where the SQLite database of a data folder is.
func DatabaseFile(data string) string { return filepath.Join(data, databaseName) }

type manifest struct {
	Version string `json:"version"`
	MadeAt  string `json:"made_at"` // RFC 3339
	SHA256  string `json:"sha256"`  // of the database
}

// temporary is a file that is gone once closed.
type temporary struct{ *os.File }

func (t temporary) Close() error { return errors.Join(t.File.Close(), os.Remove(t.Name())) }

// WriteBackup copies the database into a zip while it is in use. The caller
// closes the file, which also removes it.
func WriteBackup(ctx context.Context, db *store.DB, version string) (file interface {
	io.ReadSeekCloser
	io.ReaderAt
}, err error) {
	dir, err := os.MkdirTemp("", "sunnycampus-backup-")
	if err != nil {
		return nil, fault.Wrap(fault.Unavailable, err, "没有地方写备份，请检查磁盘空间")
	}
	defer os.RemoveAll(dir)
	copied := filepath.Join(dir, databaseName)
	if err := db.BackupTo(ctx, copied); err != nil {
		return nil, err
	}
	out, err := os.CreateTemp("", "sunnycampus-*.zip")
	if err != nil {
		return nil, fault.Wrap(fault.Unavailable, err, "没有地方写备份，请检查磁盘空间")
	}
	if err := zipDatabase(out, copied, version); err != nil {
		return nil, errors.Join(err, temporary{out}.Close())
	}
	if _, err := out.Seek(0, io.SeekStart); err != nil {
		return nil, errors.Join(err, temporary{out}.Close())
	}
	return temporary{out}, nil
}

func zipDatabase(out io.Writer, database, version string) error {
	in, err := os.Open(database)
	if err != nil {
		return err
	}
	defer in.Close()
	z := zip.NewWriter(out)
	entry, err := z.Create(databaseName)
	if err != nil {
		return err
	}
	sum := sha256.New()
	if _, err := io.Copy(io.MultiWriter(entry, sum), in); err != nil {
		return err
	}
	if entry, err = z.Create("manifest.json"); err != nil {
		return err
	}
	if err := json.NewEncoder(entry).Encode(manifest{version, time.Now().Format(time.RFC3339), hex.EncodeToString(sum.Sum(nil))}); err != nil {
		return err
	}
	return z.Close()
}

// Restore puts a backup's database into a data folder, after it has been
// verified and opened on trial. The one that was there is kept beside it.
func Restore(ctx context.Context, backup, data string) (kept string, err error) {
	if err := os.MkdirAll(data, 0o700); err != nil {
		return "", fault.Wrap(fault.Unavailable, err, "无法写入数据文件夹 "+data)
	}
	trial := filepath.Join(data, "restore.db")
	defer os.Remove(trial) // gone already when all went well
	if err := extractDatabase(backup, trial); err != nil {
		return "", err
	}
	db, err := store.Open(ctx, "file:"+trial)
	if err == nil {
		err = db.Close()
	}
	if err != nil {
		return "", fault.Wrap(fault.Invalid, err, "备份里的数据打不开，没有改动任何东西")
	}
	target := DatabaseFile(data)
	if _, err := os.Stat(target); err == nil {
		kept = target + keptMark + time.Now().Format("20060102-150405")
		// Opening and closing folds the write-ahead log into the one file; a
		// database too damaged for that keeps its log beside it.
		if db, err := store.Open(ctx, "file:"+target); err == nil {
			if err := db.Close(); err != nil {
				return "", err
			}
		}
		for _, suffix := range []string{"-wal", "-shm", ""} {
			if err := os.Rename(target+suffix, kept+suffix); err != nil && !errors.Is(err, os.ErrNotExist) {
				return "", fault.Wrap(fault.Unavailable, err, "原来的数据正在使用，请先关闭程序再还原")
			}
		}
	}
	return kept, os.Rename(trial, target)
}

// keptMark names the database that a restore replaced.
const keptMark = ".before-"

// DeleteKept removes the databases that restores replaced before a time: what
// they hold is to be forgotten as well.
func DeleteKept(data string, before time.Time) error {
	entries, err := os.ReadDir(data)
	if err != nil {
		return err
	}
	for _, e := range entries {
		if !strings.HasPrefix(e.Name(), databaseName+keptMark) {
			continue
		}
		info, statErr := e.Info()
		if statErr == nil && info.ModTime().Before(before) {
			err = errors.Join(err, os.Remove(filepath.Join(data, e.Name())))
		}
	}
	return err
}

func extractDatabase(backup, to string) error {
	z, err := zip.OpenReader(backup)
	if err != nil {
		return fault.Wrap(fault.Invalid, err, "读不出备份文件 "+backup)
	}
	defer z.Close()
	var m manifest
	body, err := z.Open("manifest.json")
	if err != nil {
		return fault.Wrap(fault.Invalid, err, "这不是本程序的备份：里面没有 manifest.json")
	}
	if err := errors.Join(json.NewDecoder(io.LimitReader(body, 1<<20)).Decode(&m), body.Close()); err != nil {
		return fault.Wrap(fault.Invalid, err, "备份里的 manifest.json 读不懂")
	}
	in, err := z.Open(databaseName)
	if err != nil {
		return fault.Wrap(fault.Invalid, err, "备份里没有数据")
	}
	defer in.Close()
	out, err := os.Create(to)
	if err != nil {
		return fault.Wrap(fault.Unavailable, err, "无法写入 "+to)
	}
	sum := sha256.New()
	_, err = io.Copy(io.MultiWriter(out, sum), in)
	var disk *fs.PathError
	if written := errors.Join(out.Sync(), out.Close()); written != nil || errors.As(err, &disk) {
		return fault.Wrap(fault.Unavailable, errors.Join(err, written), "无法写入 "+to+"，请检查磁盘空间，没有改动任何东西")
	}
	if err != nil || hex.EncodeToString(sum.Sum(nil)) != m.SHA256 {
		return fault.Wrap(fault.Invalid, err, "备份已损坏（校验不符），没有改动任何东西")
	}
	return nil
}
