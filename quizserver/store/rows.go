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

// querier is a database or a transaction.
type querier interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
}

func collect[T any](ctx context.Context, db querier, scan func(*sql.Rows) (T, error), query string, args ...any) ([]T, error) {
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

// one reads the only row; none is NotFound with this sentence.
func one[T any](ctx context.Context, db *DB, scan func(*sql.Rows) (T, error), sentence, query string, args ...any) (T, error) {
	all, err := collect(ctx, db.read, scan, query, args...)
	if err == nil && len(all) == 0 {
		err = fault.New(fault.NotFound, "%s", sentence)
	}
	if err != nil {
		var none T
		return none, err
	}
	return all[0], nil
}
