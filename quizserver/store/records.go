package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"

	"sunnycampus/quizserver/fault"
)

// Step is a step of a lesson as it was held. Times are in minutes.
type Step struct {
	Title   string `json:"title"`
	Planned int    `json:"planned"` // 0: open
	Used    int    `json:"used"`
	Held    bool   `json:"held"` // not passed over
}

// Record says that a class was held a lesson. Nothing in it is a pupil's.
type Record struct {
	ID        string
	Class     Class  // of a record to save, only the ID
	Term      string // 2026-1
	HeldOn    string // 2026-11-27
	Lesson    string // its page; empty for one that is not of the site
	Title     string
	Form      string // of front matter
	Meeting   bool   // counts as one of the class meetings due
	Minutes   int
	Steps     []Step
	Teacher   string
	FiledBy   string // account
	FiledAt   int64
	ChangedAt int64
}

// SaveRecord files a record, or corrects the one with its ID: that keeps who
// filed it first, and when.
func (db *DB) SaveRecord(ctx context.Context, r Record) error {
	steps, err := json.Marshal(r.Steps)
	if err != nil {
		return fmt.Errorf("encode steps: %w", err)
	}
	return db.commit(ctx, func(tx *sql.Tx) error {
		_, err := tx.Exec(`INSERT INTO records (id, class, term, held_on, lesson, title, form, meeting, minutes, steps, teacher, filed_by, filed_at, changed_at)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $13)
			ON CONFLICT (id) DO UPDATE SET class = excluded.class, term = excluded.term, held_on = excluded.held_on, lesson = excluded.lesson,
			title = excluded.title, form = excluded.form, meeting = excluded.meeting, minutes = excluded.minutes, steps = excluded.steps,
			teacher = excluded.teacher, changed_at = excluded.changed_at`,
			r.ID, r.Class.ID, r.Term, r.HeldOn, r.Lesson, r.Title, r.Form, flag(r.Meeting), r.Minutes, string(steps), r.Teacher, r.FiledBy, r.FiledAt)
		return err
	})
}

// DeleteRecord removes a record.
func (db *DB) DeleteRecord(ctx context.Context, id string) error {
	return db.commit(ctx, func(tx *sql.Tx) error {
		res, err := tx.Exec(`DELETE FROM records WHERE id = $1`, id)
		return affected(res, err, fault.NotFound, noRecord)
	})
}

const (
	noRecord      = "没有这条记录，可能已经删掉了"
	recordColumns = `SELECT r.id, c.id, c.school, c.year, c.name, r.term, r.held_on, r.lesson, r.title, r.form, r.meeting, r.minutes, r.steps,
		r.teacher, r.filed_by, r.filed_at, r.changed_at FROM records r JOIN classes c ON c.id = r.class `
)

func scanRecord(rows *sql.Rows) (r Record, err error) {
	var steps string
	if err := rows.Scan(&r.ID, &r.Class.ID, &r.Class.School, &r.Class.Year, &r.Class.Name, &r.Term, &r.HeldOn, &r.Lesson, &r.Title, &r.Form,
		&r.Meeting, &r.Minutes, &steps, &r.Teacher, &r.FiledBy, &r.FiledAt, &r.ChangedAt); err != nil {
		return r, err
	}
	return r, json.Unmarshal([]byte(steps), &r.Steps)
}

// Record reads one; an unknown one is NotFound.
func (db *DB) Record(ctx context.Context, id string) (Record, error) {
	return one(ctx, db, scanRecord, noRecord, recordColumns+`WHERE r.id = $1`, id)
}

// Records reads those of a school in a term, by day.
func (db *DB) Records(ctx context.Context, school, term string) ([]Record, error) {
	return collect(ctx, db.read, scanRecord, recordColumns+`WHERE c.school = $1 AND r.term = $2 ORDER BY r.held_on, c.position, r.filed_at, r.id`, school, term)
}

// ClassCount is what a class was held in a term.
type ClassCount struct {
	Class    Class
	Records  int // all
	Meetings int // those that count as class meetings
}

// ClassCounts counts for each class of a school year what it was held in a
// term; of one school, or with "" of all. Classes stand in their school's order.
func (db *DB) ClassCounts(ctx context.Context, school string, year int, term string) ([]ClassCount, error) {
	return collect(ctx, db.read, func(rows *sql.Rows) (n ClassCount, err error) {
		return n, rows.Scan(&n.Class.ID, &n.Class.School, &n.Class.Year, &n.Class.Name, &n.Records, &n.Meetings)
	}, `SELECT c.id, c.school, c.year, c.name, COUNT(r.id), CAST(COALESCE(SUM(r.meeting), 0) AS BIGINT)
		FROM classes c LEFT JOIN records r ON r.class = c.id AND r.term = $1
		WHERE c.year = $2 AND ($3 = '' OR c.school = $3) GROUP BY c.id, c.school, c.year, c.name, c.position ORDER BY c.school, c.position`, term, year, school)
}

// FormCount is how often a form was held in a school.
type FormCount struct {
	School, Form string
	Records      int
}

// FormCounts counts the records of a term by form; of one school, or with ""
// of all.
func (db *DB) FormCounts(ctx context.Context, school, term string) ([]FormCount, error) {
	return collect(ctx, db.read, func(rows *sql.Rows) (n FormCount, err error) {
		return n, rows.Scan(&n.School, &n.Form, &n.Records)
	}, `SELECT c.school, r.form, COUNT(*) FROM records r JOIN classes c ON c.id = r.class
		WHERE r.term = $1 AND ($2 = '' OR c.school = $2) GROUP BY c.school, r.form`, term, school)
}
