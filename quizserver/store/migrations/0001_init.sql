-- One text for SQLite and PostgreSQL: ids are TEXT made by us, times are
-- BIGINT milliseconds since 1970 UTC, flags are BIGINT 0 or 1, JSON is TEXT.

-- +goose Up
CREATE TABLE settings (
    name  TEXT PRIMARY KEY,
    value TEXT NOT NULL
);

CREATE TABLE accounts (
    name          TEXT PRIMARY KEY,
    role          TEXT NOT NULL CHECK (role IN ('author', 'reviewer', 'approver', 'publisher', 'teacher', 'admin')),
    password_hash TEXT NOT NULL,
    created_at    BIGINT NOT NULL
);

CREATE TABLE sessions (
    token_hash TEXT PRIMARY KEY,
    account    TEXT NOT NULL REFERENCES accounts (name) ON DELETE CASCADE,
    expires_at BIGINT NOT NULL
);

CREATE TABLE rooms (
    code         TEXT PRIMARY KEY,
    host_hash    TEXT NOT NULL,
    quiz         TEXT NOT NULL, -- the room's own copy; an edit cannot change a quiz under way
    mode         TEXT NOT NULL CHECK (mode IN ('wall', 'devices')),
    timed        BIGINT NOT NULL,
    state        TEXT NOT NULL CHECK (state IN ('lobby', 'ready', 'open', 'paused', 'closed', 'revealed', 'ended')),
    version      BIGINT NOT NULL,
    item         BIGINT NOT NULL,
    item_id      TEXT NOT NULL,
    opening      BIGINT NOT NULL,
    remaining_ms BIGINT NOT NULL, -- time left of a timed item when last persisted
    board_hidden BIGINT NOT NULL,
    created_at   BIGINT NOT NULL
);
CREATE INDEX rooms_created ON rooms (created_at);
CREATE INDEX rooms_state ON rooms (state);

CREATE TABLE openings (
    room     TEXT NOT NULL REFERENCES rooms (code) ON DELETE CASCADE,
    item_id  TEXT NOT NULL,
    opening  BIGINT NOT NULL,
    revealed BIGINT NOT NULL,
    PRIMARY KEY (room, item_id, opening)
);

CREATE TABLE seats (
    room       TEXT NOT NULL REFERENCES rooms (code) ON DELETE CASCADE,
    seat       BIGINT NOT NULL,
    nickname   TEXT NOT NULL,
    token_hash TEXT NOT NULL, -- empty: readmitted, the next to sit down gets a new token
    kicked     BIGINT NOT NULL,
    joined_at  BIGINT NOT NULL,
    PRIMARY KEY (room, seat),
    UNIQUE (room, nickname)
);

CREATE TABLE answers (
    room        TEXT NOT NULL REFERENCES rooms (code) ON DELETE CASCADE,
    item_id     TEXT NOT NULL,
    opening     BIGINT NOT NULL,
    seat        BIGINT NOT NULL,
    choice      TEXT NOT NULL,
    correct     BIGINT NOT NULL,
    points      BIGINT NOT NULL,
    received_at BIGINT NOT NULL,
    PRIMARY KEY (room, item_id, opening, seat)
);

CREATE TABLE tallies (
    room    TEXT NOT NULL REFERENCES rooms (code) ON DELETE CASCADE,
    item_id TEXT NOT NULL,
    opening BIGINT NOT NULL,
    team    TEXT NOT NULL,
    counts  TEXT NOT NULL,
    PRIMARY KEY (room, item_id, opening, team)
);

CREATE TABLE room_log (
    room   TEXT NOT NULL REFERENCES rooms (code) ON DELETE CASCADE,
    seq    BIGINT NOT NULL,
    at     BIGINT NOT NULL,
    event  TEXT NOT NULL,
    detail TEXT NOT NULL,
    PRIMARY KEY (room, seq)
);
