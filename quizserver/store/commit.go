package store

import (
	"context"
	"database/sql"
	"errors"
	"strings"

	"sunnycampus/quizserver/fault"
)

// maxBatch bounds how many writes share a commit, and so how long one waits.
const maxBatch = 256

type pending struct {
	apply func(*sql.Tx) error
	done  chan error
}

// Write is a queued write. It is durable once Wait returns nil.
type Write struct{ done chan error }

// Wait blocks until the write is committed or has failed. The write goes on
// when the caller gives up waiting.
func (w Write) Wait(ctx context.Context) error {
	select {
	case err := <-w.done:
		return err
	case <-ctx.Done():
		return fault.Wrap(fault.Unavailable, ctx.Err(), "服务器太忙，请再试一次")
	}
}

// enqueue adds a write behind those already queued; they commit in this
// order. apply may run twice, so it must depend on nothing it changed.
func (db *DB) enqueue(apply func(*sql.Tx) error) Write {
	p := &pending{apply: apply, done: make(chan error, 1)}
	db.closing.RLock()
	defer db.closing.RUnlock()
	if db.closed {
		p.done <- fault.New(fault.Unavailable, "服务器正在关闭，请稍后再试")
	} else {
		db.queue <- p
	}
	return Write{p.done}
}

func (db *DB) commit(ctx context.Context, apply func(*sql.Tx) error) error {
	return db.enqueue(apply).Wait(ctx)
}

// commitLoop ends when the queue is closed and everything in it is done.
func (db *DB) commitLoop() {
	for p := range db.queue {
		db.commitBatch(db.gather(p))
	}
}

func (db *DB) gather(first *pending) []*pending {
	batch := []*pending{first}
	for len(batch) < maxBatch {
		select {
		case p, ok := <-db.queue:
			if !ok {
				return batch
			}
			batch = append(batch, p)
		default:
			return batch
		}
	}
	return batch
}

// commitBatch shares one commit among the batch. If any write fails, each is
// retried alone, so that a bad one takes no other down.
func (db *DB) commitBatch(batch []*pending) {
	if db.applyAll(batch) == nil {
		for _, p := range batch {
			p.done <- nil
		}
		return
	}
	for _, p := range batch {
		p.done <- explain(db.applyAll([]*pending{p}))
	}
}

func (db *DB) applyAll(batch []*pending) error {
	tx, err := db.write.BeginTx(context.Background(), nil)
	if err != nil {
		return err
	}
	for _, p := range batch {
		if err := p.apply(tx); err != nil {
			return errors.Join(err, tx.Rollback())
		}
	}
	return tx.Commit()
}

// explainOr is explain with a sentence for what it does not know.
func explainOr(err error, sentence string) error {
	err = explain(err)
	if kind, _ := fault.Of(err); kind != fault.Internal {
		return err
	}
	return fault.Wrap(fault.Unavailable, err, sentence)
}

// explain gives what can happen to any database a sentence that somebody can
// act on. The drivers of both databases share no codes for it, so their text
// decides.
func explain(err error) error {
	if err == nil {
		return nil
	}
	if kind, _ := fault.Of(err); kind != fault.Internal {
		return err
	}
	text := strings.ToLower(err.Error())
	for _, sign := range []string{"foreign key constraint failed", "unique constraint failed", "violates foreign key", "duplicate key value"} {
		if strings.Contains(text, sign) {
			return fault.Wrap(fault.Conflict, err, "刚刚有人改了这里的数据，请刷新以后再试")
		}
	}
	for _, known := range []struct {
		sentence string
		signs    []string
	}{
		{"服务器的磁盘已满或不能写入，刚才的内容没有保存，请马上告诉管理员",
			[]string{"disk is full", "readonly database", "disk i/o error", "no space left"}},
		{"数据文件已损坏。请关闭程序，用 sunnycampus restore 还原最近的备份；没有备份就把数据文件改名后重新启动（教室和账号会丢失）",
			[]string{"malformed", "not a database"}},
		{"数据库没有回答或连接不上，请稍后再试",
			[]string{"failed to connect", "connection refused", "terminating connection", "conn closed", "bad connection", "server closed"}},
	} {
		for _, sign := range known.signs {
			if strings.Contains(text, sign) {
				return fault.Wrap(fault.Unavailable, err, known.sentence)
			}
		}
	}
	return err
}
