-- +goose Up
-- A self-paced room opens all its items at once, for a window of time; 0 for until the host closes it.
ALTER TABLE rooms ADD COLUMN window_ms BIGINT NOT NULL DEFAULT 0;
-- Whether quick right answers earn more.
ALTER TABLE rooms ADD COLUMN bonus BIGINT NOT NULL DEFAULT 0;

-- Seats with a clock of their own, also before their pupils come: percent of the time that others have, 0 for no limit.
CREATE TABLE extra_time (
    room    TEXT NOT NULL REFERENCES rooms (code) ON DELETE CASCADE,
    seat    BIGINT NOT NULL,
    percent BIGINT NOT NULL,
    PRIMARY KEY (room, seat)
);
