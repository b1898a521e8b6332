-- +goose Up
-- Paper cards are one more way to answer. Live knows the ways: SQLite cannot change a CHECK.
ALTER TABLE rooms ADD COLUMN way TEXT NOT NULL DEFAULT 'devices';
UPDATE rooms SET way = mode;
ALTER TABLE rooms DROP COLUMN mode;
ALTER TABLE rooms RENAME COLUMN way TO mode;

-- The position, as JSON, that the last action can be taken back to; empty for none.
ALTER TABLE rooms ADD COLUMN undo TEXT NOT NULL DEFAULT '';

-- Hosts of a room beside the one that opened it.
CREATE TABLE hosts (
    room       TEXT NOT NULL REFERENCES rooms (code) ON DELETE CASCADE,
    token_hash TEXT NOT NULL,
    PRIMARY KEY (room, token_hash)
);

-- Seats whose words, never kept, showed distress: for the teacher, after class.
CREATE TABLE concerns (
    room    TEXT NOT NULL REFERENCES rooms (code) ON DELETE CASCADE,
    item_id TEXT NOT NULL,
    seat    BIGINT NOT NULL,
    at      BIGINT NOT NULL,
    PRIMARY KEY (room, item_id, seat)
);
