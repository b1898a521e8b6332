package store

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"fmt"

	"sunnycampus/quizserver/fault"
)

// HashToken is what is stored of a token: who reads the database cannot use
// it. Tokens are random, so a plain SHA-256 is enough.
func HashToken(token string) string {
	sum := sha256.Sum256([]byte(token))
	return hex.EncodeToString(sum[:])
}

func flag(b bool) int64 {
	if b {
		return 1
	}
	return 0
}

// affected turns "no row changed" into a fault of this kind.
func affected(res sql.Result, err error, kind fault.Kind, message string) error {
	if err != nil {
		return err
	}
	n, err := res.RowsAffected()
	if err != nil {
		return err
	}
	if n == 0 {
		return fault.New(kind, "%s", message)
	}
	return nil
}

func collect[T any](ctx context.Context, db *sql.DB, scan func(*sql.Rows) (T, error), query string, args ...any) ([]T, error) {
	rows, err := db.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, explain(fmt.Errorf("query: %w", err))
	}
	defer rows.Close()
	var all []T
	for rows.Next() {
		one, err := scan(rows)
		if err != nil {
			return nil, fmt.Errorf("scan: %w", err)
		}
		all = append(all, one)
	}
	return all, explain(rows.Err())
}
