package store

import (
	"context"
	"database/sql"
	"fmt"
	"testing"
)

// BenchmarkCounts asks what is due and held in a province: 5,000 schools of 30
// classes with two records a term, three years of them.
func BenchmarkCounts(b *testing.B) {
	db, err := Open(context.Background(), "file:"+b.TempDir()+"/quiz.db")
	must(b, err)
	defer func() { must(b, db.Close()) }()
	ctx := context.Background()
	must(b, db.commit(ctx, func(tx *sql.Tx) error {
		for _, insert := range []string{
			`WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 4999)
				INSERT INTO organisations SELECT 's' || i, '', 'school', '第' || i || '小学', 2 FROM n`,
			`WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 89)
				INSERT INTO classes SELECT o.id || '-' || i, o.id, 2024 + i / 30, i % 30, i % 30 || '班', 2, 2 FROM organisations o, n`,
			`WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 3)
				INSERT INTO records SELECT c.id || '-' || i, c.id, c.year || '-' || (1 + i / 2), '2026-11-27', '', '欺凌的四个要点', 'class-meeting', 1, 40, '[]',
				'王老师', '教务处', 1, 1 FROM classes c, n`,
		} {
			if _, err := tx.Exec(insert); err != nil {
				return err
			}
		}
		return nil
	}))
	for name, ask := range map[string]func() (int, error){
		"school": func() (int, error) {
			classes, err := db.ClassCounts(ctx, "s77", 2026, 1)
			if err == nil {
				_, err = db.FormCounts(ctx, "s77", 2026, 1)
			}
			return len(classes), err
		},
		"province": func() (int, error) {
			classes, err := db.AllClassCounts(ctx, 2026, 1)
			if err == nil {
				_, err = db.AllFormCounts(ctx, 2026, 1)
			}
			return len(classes), err
		},
	} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				if n, err := ask(); err != nil || n == 0 {
					b.Fatal(fmt.Sprint(n, err))
				}
			}
		})
	}
}
