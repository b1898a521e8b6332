package quizserver

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/crypto/argon2"

	"sunnycampus/quizserver/fault"
	"sunnycampus/quizserver/store"
)

// argon2id with the second parameter set that RFC 9106 recommends.
const (
	argonTime    = 3
	argonMemory  = 64 << 10 // KiB
	argonThreads = 4
	argonKey     = 32
)

// hashing bounds how much memory sign-ins can take at once.
var hashing = make(chan struct{}, 2)

// Roles are what an account may be for.
var Roles = []string{"author", "reviewer", "approver", "publisher", "teacher", "admin"}

// NewAccount checks a name, role and password and hashes the password.
func NewAccount(ctx context.Context, name, role, password string) (store.Account, error) {
	a := store.Account{Name: strings.TrimSpace(name), Role: role}
	length := utf8.RuneCountInString(a.Name)
	switch {
	case length < 2 || length > 40 || strings.ContainsFunc(a.Name, unicode.IsControl):
		return a, fault.New(fault.Invalid, "账号名要有 2 到 40 个字")
	case !slices.Contains(Roles, role):
		return a, fault.New(fault.Invalid, "角色只能是 %s", strings.Join(Roles, "、"))
	case utf8.RuneCountInString(password) < 10 || len(password) > 200:
		return a, fault.New(fault.Invalid, "密码至少要 10 个字符，最多 200 个")
	}
	salt := make([]byte, 16)
	if _, err := rand.Read(salt); err != nil {
		return a, fmt.Errorf("salt: %w", err)
	}
	key, err := derive(ctx, password, salt)
	if err != nil {
		return a, err
	}
	a.PasswordHash = fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, argonMemory, argonTime, argonThreads,
		base64.RawStdEncoding.EncodeToString(salt), base64.RawStdEncoding.EncodeToString(key))
	return a, nil
}

// derive waits for its turn as long as somebody waits for the answer.
func derive(ctx context.Context, password string, salt []byte) ([]byte, error) {
	select {
	case hashing <- struct{}{}:
	case <-ctx.Done():
		return nil, fault.Wrap(fault.Unavailable, ctx.Err(), "登录的人太多，请稍后再试")
	}
	defer func() { <-hashing }()
	return argon2.IDKey([]byte(password), salt, argonTime, argonMemory, argonThreads, argonKey), nil
}

// passwordMatches takes as long for an unreadable hash as for a wrong
// password.
func passwordMatches(ctx context.Context, hash, password string) (bool, error) {
	salt, want := make([]byte, 16), []byte{}
	if parts := strings.Split(hash, "$"); len(parts) == 6 {
		if s, err := base64.RawStdEncoding.DecodeString(parts[4]); err == nil {
			salt = s
		}
		if w, err := base64.RawStdEncoding.DecodeString(parts[5]); err == nil {
			want = w
		}
	}
	got, err := derive(ctx, password, salt)
	return subtle.ConstantTimeCompare(got, want) == 1, err
}
