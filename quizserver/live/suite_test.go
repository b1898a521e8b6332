package live

import (
	"context"
	"encoding/json"
	"log/slog"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"sunnycampus/quizserver/fault"
	"sunnycampus/quizserver/quiz"
	"sunnycampus/quizserver/store"
)

// canary stands in explanations, accepted answers, levels and topics: what no
// pupil may be sent before the reveal.
const canary = "canarykey"

// parse reads the quiz that most tests play: one item of each type.
func parse(t testing.TB) *quiz.Quiz {
	t.Helper()
	const source = `---
title: 什么是学生欺凌
audience: [junior]
---
## 哪一种是欺凌？ {#single points=10 seconds=30 level=easy topic=canarykey}
- [ ] 争论
- [x] 长期辱骂
- [ ] 碰撞

> canarykey

## 学校应当怎么做？ {#multiple points=20 seconds=30 level=hard topic=canarykey}
- [x] 制止
- [x] 通知父母
- [ ] 不理会

> canarykey

## 围观起哄也是伤害。 {#truefalse seconds=20 topic=canarykey}
- [x] 对
- [ ] 错

> canarykey

## 你先告诉谁？ {#poll seconds=20 poll=true}
- [ ] 父母
- [ ] 老师

> canarykey

## 热线是____。 {#fill seconds=20}
= 12355 | canarykey

> canarykey

## 先后排一排 {#ordering points=5 seconds=40}
1. 离开
2. 告诉大人
3. 保存证据

> canarykey
`
	q, err := quiz.Parse("what.md", []byte(source))
	must(t, err)
	for i := range q.Items {
		q.Items[i].ExplanationHTML = "<p>" + canary + "</p>"
	}
	return q
}

// hands is the part of a quiz that hands can answer.
func hands(t testing.TB) *quiz.Quiz {
	q := parse(t)
	q.Items = q.Items[:4]
	return q
}

func openStore(t testing.TB) *store.DB {
	t.Helper()
	db, err := store.Open(context.Background(), "file:"+filepath.Join(t.TempDir(), "quiz.db"))
	must(t, err)
	return db
}

func newRooms(db *store.DB) *Rooms {
	return NewRooms(db, slog.New(slog.DiscardHandler), func() (string, bool) { return "http://192.168.1.2:8080", false })
}

// class is a room with its host, for tests that play.
type class struct {
	t     testing.TB
	db    *store.DB
	rooms *Rooms
	*Room
	code  string
	host  Viewer
	token string // the host's
}

func newClass(t testing.TB, q *quiz.Quiz, mode string, timed bool) *class {
	t.Helper()
	return openClass(t, q, Setup{Mode: mode, Timed: timed, Teams: 3})
}

// openClass opens a room over a real database, until the test ends.
func openClass(t testing.TB, q *quiz.Quiz, setup Setup) *class {
	t.Helper()
	db := openStore(t)
	c := &class{t: t, db: db, rooms: newRooms(db)}
	t.Cleanup(func() {
		c.rooms.Stop()
		must(t, db.Close())
	})
	var err error
	c.code, c.token, err = c.rooms.Create(context.Background(), q, setup)
	must(t, err)
	c.enter()
	return c
}

func (c *class) enter() {
	c.t.Helper()
	var err error
	c.Room, err = c.rooms.Room(context.Background(), c.code)
	must(c.t, err)
	c.host, err = c.Authorize(c.token)
	must(c.t, err)
}

// restart leaves the old process's clocks and memory behind.
func (c *class) restart() {
	c.t.Helper()
	c.rooms.Stop()
	c.rooms = newRooms(c.db)
	must(c.t, c.rooms.Resume(context.Background()))
	c.enter()
}

// do carries out actions of the host, each on the version that is current.
func (c *class) do(actions string) {
	c.t.Helper()
	for _, action := range strings.Fields(actions) {
		if err := c.Control(context.Background(), action, c.View(c.host).Version, 0); err != nil {
			c.t.Fatalf("%s while %s: %v", action, c.View(c.host).State, err)
		}
	}
}

func (c *class) sit(number int) Viewer {
	c.t.Helper()
	_, token, err := c.Sit(context.Background(), number)
	must(c.t, err)
	v, err := c.Authorize(token)
	must(c.t, err)
	return v
}

// answer answers the current item now, and must be taken.
func (c *class) answer(v Viewer, choice ...string) Receipt {
	c.t.Helper()
	receipt, err := c.try(v, choice...)
	must(c.t, err)
	return receipt
}

func (c *class) try(v Viewer, choice ...string) (Receipt, error) {
	view := c.View(c.host)
	return c.Answer(context.Background(), v, view.Items[view.Item].ID, view.Opening, choice, time.Now())
}

// key and wrong are choices for the current item.
func (c *class) key() []string { return c.Quiz().Items[c.View(c.host).Item].Key() }

func (c *class) wrong() []string {
	item := c.Quiz().Items[c.View(c.host).Item]
	for _, o := range item.Options {
		if !slices.Contains(item.Key(), o.ID) {
			return []string{o.ID}
		}
	}
	return []string{item.Options[0].ID}
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func wantKind(t testing.TB, call string, err error, want fault.Kind) {
	t.Helper()
	if err == nil {
		t.Fatalf("%s succeeded, want an error of kind %d", call, want)
	}
	if kind, _ := fault.Of(err); kind != want {
		t.Fatalf("%s: kind %d (%v), want %d", call, kind, err, want)
	}
}

func encode(t testing.TB, v any) string {
	t.Helper()
	data, err := json.Marshal(v)
	must(t, err)
	return string(data)
}

// wantNoKey checks what is sent to a pupil before the reveal.
func wantNoKey(t testing.TB, what, sent string) {
	t.Helper()
	for _, sign := range []string{canary, `"key"`, `"correct"`, `"explanation`, `"reveal"`, `"accept"`, `"order"`, `"counts"`} {
		if strings.Contains(sent, sign) {
			t.Fatalf("%s holds %s before the reveal: %s", what, sign, sent)
		}
	}
}
