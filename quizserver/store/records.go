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

// SaveRecord files a record; seen is 0. With the ChangedAt that was seen of the
// one with its ID it corrects that one, which keeps who filed it and when. One
// that is no longer as it was seen is a Conflict.
func (db *DB) SaveRecord(ctx context.Context, r Record, seen int64) error {
	steps, err := json.Marshal(r.Steps)
	if err != nil {
		return fmt.Errorf("encode steps: %w", err)
	}
	return db.commit(ctx, func(tx *sql.Tx) error {
		if seen != 0 {
			res, err := tx.Exec(`UPDATE records SET class = $2, term = $3, held_on = $4, lesson = $5, title = $6, form = $7, meeting = $8, minutes = $9,
				steps = $10, teacher = $11, changed_at = $12 WHERE id = $1 AND changed_at = $13`,
				r.ID, r.Class.ID, r.Term, r.HeldOn, r.Lesson, r.Title, r.Form, flag(r.Meeting), r.Minutes, string(steps), r.Teacher, r.ChangedAt, seen)
			return affected(res, err, fault.Conflict, changedMeanwhile)
		}
		// Filed again by the same: the answer to the first try was lost.
		res, err := tx.Exec(`INSERT INTO records (id, class, term, held_on, lesson, title, form, meeting, minutes, steps, teacher, filed_by, filed_at, changed_at)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $13)
			ON CONFLICT (id) DO UPDATE SET class = excluded.class, term = excluded.term, held_on = excluded.held_on, lesson = excluded.lesson,
			title = excluded.title, form = excluded.form, meeting = excluded.meeting, minutes = excluded.minutes, steps = excluded.steps,
			teacher = excluded.teacher, filed_at = excluded.filed_at, changed_at = excluded.changed_at
			WHERE records.filed_by = excluded.filed_by AND records.changed_at = records.filed_at`,
			r.ID, r.Class.ID, r.Term, r.HeldOn, r.Lesson, r.Title, r.Form, flag(r.Meeting), r.Minutes, string(steps), r.Teacher, r.FiledBy, r.FiledAt)
		return affected(res, err, fault.Conflict, changedMeanwhile)
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
	noRecord         = "没有这条记录，可能已经删掉了"
	changedMeanwhile = "这条记录刚刚被改过或者删了，请刷新以后再改"
	recordColumns    = `SELECT r.id, c.id, c.school, c.year, c.name, r.term, r.held_on, r.lesson, r.title, r.form, r.meeting, r.minutes, r.steps,
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

// ClassCount is what a class was due and held in a term.
type ClassCount struct {
	Class    Class
	Due      int // class meetings
	Records  int // all that was held
	Meetings int // of these, what counts as class meetings
}

// classCounts asks for one half of the school year; its condition follows.
const classCounts = `SELECT c.id, c.school, c.year, c.name, CASE WHEN $3 = 1 THEN c.due1 ELSE c.due2 END, COUNT(r.id), CAST(COALESCE(SUM(r.meeting), 0) AS BIGINT)
	FROM classes c LEFT JOIN records r ON r.class = c.id AND r.term = $1 WHERE c.year = $2 AND ($3 = 1 OR c.gone2 = 0) %s
	GROUP BY c.id, c.school, c.year, c.name, c.position, c.due1, c.due2 ORDER BY c.school, c.position`

func scanClassCount(rows *sql.Rows) (n ClassCount, err error) {
	return n, rows.Scan(&n.Class.ID, &n.Class.School, &n.Class.Year, &n.Class.Name, &n.Due, &n.Records, &n.Meetings)
}

// ClassCounts counts for each class of a school year what it was held in a
// half of it, in the order of the school.
func (db *DB) ClassCounts(ctx context.Context, school string, year, half int) ([]ClassCount, error) {
	return collect(ctx, db.read, scanClassCount, fmt.Sprintf(classCounts, `AND c.school = $4`), termID(year, half), year, half, school)
}

// AllClassCounts does so for all schools.
func (db *DB) AllClassCounts(ctx context.Context, year, half int) ([]ClassCount, error) {
	return collect(ctx, db.read, scanClassCount, fmt.Sprintf(classCounts, ``), termID(year, half), year, half)
}

func termID(year, half int) string { return fmt.Sprintf("%d-%d", year, half) }

// FormCount is how often a form was held in a school.
type FormCount struct {
	School, Form string
	Records      int
}

func scanFormCount(rows *sql.Rows) (n FormCount, err error) {
	return n, rows.Scan(&n.School, &n.Form, &n.Records)
}

// FormCounts counts the records of a school in a term by form. CROSS JOIN keeps
// SQLite from starting at all the records of the term.
func (db *DB) FormCounts(ctx context.Context, school string, year, half int) ([]FormCount, error) {
	return collect(ctx, db.read, scanFormCount, `SELECT c.school, r.form, COUNT(*) FROM classes c CROSS JOIN records r
		WHERE r.class = c.id AND r.term = $1 AND c.school = $2 AND c.year = $3 GROUP BY c.school, r.form`, termID(year, half), school, year)
}

// AllFormCounts does so for all schools.
func (db *DB) AllFormCounts(ctx context.Context, year, half int) ([]FormCount, error) {
	return collect(ctx, db.read, scanFormCount, `SELECT c.school, r.form, COUNT(*) FROM records r JOIN classes c ON c.id = r.class
		WHERE r.term = $1 GROUP BY c.school, r.form`, termID(year, half))
}
