package store

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"fmt"
	"slices"

	"sunnycampus/quizserver/fault"
)

// Kinds of an Organisation.
const (
	Office = "office" // of a county, city or province; others stand below it
	School = "school"
)

// Organisation is a school, or an office that schools and offices stand below.
type Organisation struct {
	ID, Parent, Kind, Name string // Parent is empty at the top
	Meetings               int    // class meetings due in each class and term
}

// Organisations reads all, each after its siblings of earlier names.
func (db *DB) Organisations(ctx context.Context) ([]Organisation, error) {
	return collect(ctx, db.read, scanOrganisation, `SELECT id, parent, kind, name, meetings FROM organisations ORDER BY name, id`)
}

func scanOrganisation(rows *sql.Rows) (o Organisation, err error) {
	return o, rows.Scan(&o.ID, &o.Parent, &o.Kind, &o.Name, &o.Meetings)
}

// CreateOrganisation stores a new one. Its parent must be an office; a name
// in use below the same parent is a Conflict.
func (db *DB) CreateOrganisation(ctx context.Context, o Organisation) error {
	return db.commit(ctx, func(tx *sql.Tx) error {
		if o.Parent != "" {
			var kind string
			err := tx.QueryRow(`SELECT kind FROM organisations WHERE id = $1`, o.Parent).Scan(&kind)
			if errors.Is(err, sql.ErrNoRows) || err == nil && kind != Office {
				return fault.New(fault.Invalid, "没有这个上级单位，请刷新以后再试")
			}
			if err != nil {
				return err
			}
		}
		res, err := tx.Exec(`INSERT INTO organisations (id, parent, kind, name, meetings) VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING`,
			o.ID, o.Parent, o.Kind, o.Name, o.Meetings)
		return affected(res, err, fault.Conflict, "已经有一个同名的单位了")
	})
}

// ChangeOrganisation gives one a name and the meetings due in its classes from
// a term on: what was due before stays.
func (db *DB) ChangeOrganisation(ctx context.Context, id, name string, meetings, year, half int) error {
	return db.commit(ctx, func(tx *sql.Tx) error {
		var twins int64
		if err := tx.QueryRow(`SELECT COUNT(*) FROM organisations a JOIN organisations b ON a.parent = b.parent AND a.id <> b.id
			WHERE a.id = $1 AND b.name = $2`, id, name).Scan(&twins); err != nil {
			return err
		}
		if twins > 0 {
			return fault.New(fault.Conflict, "已经有一个同名的单位了")
		}
		res, err := tx.Exec(`UPDATE organisations SET name = $2, meetings = $3 WHERE id = $1`, id, name, meetings)
		if err := affected(res, err, fault.NotFound, noOrganisation); err != nil {
			return err
		}
		_, err = tx.Exec(`UPDATE classes SET due2 = $2, due1 = CASE WHEN year > $3 OR $4 = 1 THEN $2 ELSE due1 END
			WHERE school = $1 AND year >= $3`, id, meetings, year, half)
		return err
	})
}

const noOrganisation = "没有这个单位，可能已经删掉了"

// DeleteOrganisation removes one that nothing hangs on.
func (db *DB) DeleteOrganisation(ctx context.Context, id string) error {
	return db.commit(ctx, func(tx *sql.Tx) error {
		for _, hanging := range []struct{ query, sentence string }{
			{`SELECT COUNT(*) FROM organisations WHERE parent = $1`, "下面还有别的单位，先删下面的"},
			{`SELECT COUNT(*) FROM classes WHERE school = $1`, "这所学校还有班级，先删班级；有上课记录的班级要留着备查"},
			{`SELECT COUNT(*) FROM accounts WHERE organisation = $1`, "还有这个单位的账号，不能删"},
		} {
			var n int64
			if err := tx.QueryRow(hanging.query, id).Scan(&n); err != nil {
				return err
			}
			if n > 0 {
				return fault.New(fault.Conflict, "%s", hanging.sentence)
			}
		}
		res, err := tx.Exec(`DELETE FROM organisations WHERE id = $1`, id)
		return affected(res, err, fault.NotFound, noOrganisation)
	})
}

// Class is a class of a school in one school year.
type Class struct {
	ID, School string
	Year       int // in which its school year begins
	Name       string
}

const classColumns = `SELECT id, school, year, name FROM classes `

func scanClass(rows *sql.Rows) (c Class, err error) {
	return c, rows.Scan(&c.ID, &c.School, &c.Year, &c.Name)
}

const classesOf = classColumns + `WHERE school = $1 AND year = $2 AND gone2 = 0 ORDER BY position`

// Classes reads those of a school in a school year, in the school's order.
// Those that were dissolved after the first term are left out.
func (db *DB) Classes(ctx context.Context, school string, year int) ([]Class, error) {
	return collect(ctx, db.read, scanClass, classesOf, school, year)
}

// Class reads one; an unknown one is NotFound.
func (db *DB) Class(ctx context.Context, id string) (Class, error) {
	return one(ctx, db, scanClass, "没有这个班级，请刷新以后再选", classColumns+`WHERE id = $1`, id)
}

// ReplaceClasses makes the classes of a school and year those of a list: with
// a known ID one is renamed, without one it is new. before is the list that
// the change was made to: if it has changed meanwhile, that is a Conflict.
// A class with records stays: leaving it out once the first term is over ends
// it with that term, if it has none of the second; else it is a Conflict, too.
func (db *DB) ReplaceClasses(ctx context.Context, school string, year int, before, after []Class, firstTermOver bool) error {
	for i := range after { // before the transaction, which may run twice
		if after[i].ID == "" {
			after[i].ID = rand.Text()
		}
	}
	return db.commit(ctx, func(tx *sql.Tx) error {
		// Writing the school's row makes replicas take turns.
		res, err := tx.Exec(`UPDATE organisations SET name = name WHERE id = $1 AND kind = $2`, school, School)
		if err := affected(res, err, fault.NotFound, "没有这所学校，可能已经删掉了"); err != nil {
			return err
		}
		now, err := collect(ctx, tx, scanClass, classesOf, school, year)
		if err != nil {
			return err
		}
		if !slices.Equal(now, before) {
			return fault.New(fault.Conflict, "别人刚刚改过班级，请刷新以后再改")
		}
		for _, c := range now {
			if slices.ContainsFunc(after, func(a Class) bool { return a.ID == c.ID }) {
				continue
			}
			if err := removeClass(tx, c, firstTermOver); err != nil {
				return err
			}
		}
		for i, c := range after {
			if slices.ContainsFunc(now, func(n Class) bool { return n.ID == c.ID }) {
				_, err = tx.Exec(`UPDATE classes SET name = $2, position = $3 WHERE id = $1`, c.ID, c.Name, i)
			} else {
				_, err = tx.Exec(`INSERT INTO classes (id, school, year, position, name, due1, due2)
					SELECT CAST($1 AS TEXT), id, CAST($3 AS BIGINT), CAST($4 AS BIGINT), CAST($5 AS TEXT), meetings, meetings
					FROM organisations WHERE id = $2`, c.ID, school, year, i, c.Name)
			}
			if err != nil {
				return fmt.Errorf("write class: %w", err)
			}
		}
		return nil
	})
}

func removeClass(tx *sql.Tx, c Class, firstTermOver bool) error {
	var all, second int64
	err := tx.QueryRow(`SELECT COUNT(*), CAST(COALESCE(SUM(CASE WHEN term = $2 THEN 1 ELSE 0 END), 0) AS BIGINT) FROM records WHERE class = $1`,
		c.ID, termID(c.Year, 2)).Scan(&all, &second)
	switch {
	case err != nil:
		return err
	case all == 0:
		_, err = tx.Exec(`DELETE FROM classes WHERE id = $1`, c.ID)
	case firstTermOver && second == 0:
		_, err = tx.Exec(`UPDATE classes SET gone2 = 1 WHERE id = $1`, c.ID)
	default:
		return fault.New(fault.Conflict, "%s 已经有 %d 条上课记录，这学期不能去掉；撤并的班，到下学期再去掉", c.Name, all)
	}
	return err
}
