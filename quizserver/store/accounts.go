package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"sunnycampus/quizserver/fault"
)

// Account is a member of staff; pupils have none.
type Account struct {
	Name         string
	Role         string
	PasswordHash string // argon2id, PHC string format
	Organisation string // sees this one and all below; empty sees all
}

// CreateAccount stores an account; a name in use is a Conflict.
func (db *DB) CreateAccount(ctx context.Context, a Account, at int64) error {
	return db.commit(ctx, func(tx *sql.Tx) error { return insertAccount(tx, a, at) })
}

// CreateFirstAccount stores an account only while there is none.
func (db *DB) CreateFirstAccount(ctx context.Context, a Account, at int64) error {
	return db.commit(ctx, func(tx *sql.Tx) error {
		// Writing this row makes replicas take turns, so that only one counts none.
		if _, err := tx.Exec(`INSERT INTO settings (name, value) VALUES ('first-account', $1)
			ON CONFLICT (name) DO UPDATE SET value = excluded.value`, a.Name); err != nil {
			return err
		}
		var n int64
		if err := tx.QueryRow(`SELECT COUNT(*) FROM accounts`).Scan(&n); err != nil {
			return err
		}
		if n > 0 {
			return fault.New(fault.Conflict, "已经有管理员账号了，请直接登录")
		}
		return insertAccount(tx, a, at)
	})
}

func insertAccount(tx *sql.Tx, a Account, at int64) error {
	res, err := tx.Exec(`INSERT INTO accounts (name, role, password_hash, created_at, organisation) VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING`,
		a.Name, a.Role, a.PasswordHash, at, a.Organisation)
	return affected(res, err, fault.Conflict, "这个账号名已经有人用了")
}

// Account reads an account; an unknown name is NotFound.
func (db *DB) Account(ctx context.Context, name string) (Account, error) {
	a := Account{Name: name}
	err := db.read.QueryRowContext(ctx, `SELECT role, password_hash, organisation FROM accounts WHERE name = $1`, name).
		Scan(&a.Role, &a.PasswordHash, &a.Organisation)
	if errors.Is(err, sql.ErrNoRows) {
		return a, fault.New(fault.NotFound, "没有这个账号")
	}
	if err != nil {
		return a, explain(fmt.Errorf("read account: %w", err))
	}
	return a, nil
}

// MoveAccount makes an account one of another organisation; "" sees all.
func (db *DB) MoveAccount(ctx context.Context, name, organisation string) error {
	return db.commit(ctx, func(tx *sql.Tx) error {
		res, err := tx.Exec(`UPDATE accounts SET organisation = $2 WHERE name = $1`, name, organisation)
		return affected(res, err, fault.NotFound, "没有这个账号")
	})
}

// HasAccount tells whether anybody can sign in.
func (db *DB) HasAccount(ctx context.Context) (bool, error) {
	var n int64
	err := db.read.QueryRowContext(ctx, `SELECT COUNT(*) FROM accounts`).Scan(&n)
	return n > 0, err
}

// CreateSession stores a signed-in session and forgets expired ones.
func (db *DB) CreateSession(ctx context.Context, tokenHash, account string, now, expiresAt int64) error {
	return db.commit(ctx, func(tx *sql.Tx) error {
		if _, err := tx.Exec(`DELETE FROM sessions WHERE expires_at < $1`, now); err != nil {
			return err
		}
		_, err := tx.Exec(`INSERT INTO sessions (token_hash, account, expires_at) VALUES ($1, $2, $3)`, tokenHash, account, expiresAt)
		return err
	})
}

// SessionAccount reads whose session a token belongs to; an unknown or
// expired one is Unauthorized.
func (db *DB) SessionAccount(ctx context.Context, tokenHash string, now int64) (Account, error) {
	var a Account
	err := db.read.QueryRowContext(ctx, `SELECT a.name, a.role, a.password_hash, a.organisation FROM sessions s JOIN accounts a ON a.name = s.account
		WHERE s.token_hash = $1 AND s.expires_at >= $2`, tokenHash, now).Scan(&a.Name, &a.Role, &a.PasswordHash, &a.Organisation)
	if errors.Is(err, sql.ErrNoRows) {
		return a, fault.New(fault.Unauthorized, "请先登录")
	}
	if err != nil {
		return a, explain(fmt.Errorf("read session: %w", err))
	}
	return a, nil
}

// DeleteSession ends a session.
func (db *DB) DeleteSession(ctx context.Context, tokenHash string) error {
	return db.commit(ctx, func(tx *sql.Tx) error {
		_, err := tx.Exec(`DELETE FROM sessions WHERE token_hash = $1`, tokenHash)
		return err
	})
}

// Setting reads a setting, and stores initial when there is none yet: of two
// processes that start together, both get the one that was stored first.
func (db *DB) Setting(ctx context.Context, name, initial string) (value string, err error) {
	err = db.commit(ctx, func(tx *sql.Tx) error {
		if _, err := tx.Exec(`INSERT INTO settings (name, value) VALUES ($1, $2) ON CONFLICT DO NOTHING`, name, initial); err != nil {
			return err
		}
		return tx.QueryRow(`SELECT value FROM settings WHERE name = $1`, name).Scan(&value)
	})
	return value, err
}

// StoredSetting reads a setting; "" when there is none.
func (db *DB) StoredSetting(ctx context.Context, name string) (value string, err error) {
	err = db.read.QueryRowContext(ctx, `SELECT value FROM settings WHERE name = $1`, name).Scan(&value)
	if errors.Is(err, sql.ErrNoRows) {
		return "", nil
	}
	if err != nil {
		return "", explain(fmt.Errorf("read setting: %w", err))
	}
	return value, nil
}

// StoreSetting replaces a setting.
func (db *DB) StoreSetting(ctx context.Context, name, value string) error {
	return db.commit(ctx, func(tx *sql.Tx) error {
		_, err := tx.Exec(`INSERT INTO settings (name, value) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET value = excluded.value`, name, value)
		return err
	})
}
