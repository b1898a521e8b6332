-- +goose Up
CREATE TABLE organisations (
    id       TEXT PRIMARY KEY,
    parent   TEXT NOT NULL, -- empty at the top
    kind     TEXT NOT NULL CHECK (kind IN ('office', 'school')),
    name     TEXT NOT NULL,
    meetings BIGINT NOT NULL, -- class meetings due in each class and term, from now on
    UNIQUE (parent, name)
);

-- Whose an account is: it sees this organisation and all below; empty sees all.
ALTER TABLE accounts ADD COLUMN organisation TEXT NOT NULL DEFAULT '';

CREATE TABLE classes (
    id       TEXT PRIMARY KEY,
    school   TEXT NOT NULL REFERENCES organisations (id),
    year     BIGINT NOT NULL, -- in which its school year begins
    position BIGINT NOT NULL,
    name     TEXT NOT NULL,
    due1     BIGINT NOT NULL, -- class meetings due in the first term: fixed once it is over
    due2     BIGINT NOT NULL,
    gone2    BIGINT NOT NULL DEFAULT 0 -- no longer there in the second term
);
CREATE INDEX classes_school ON classes (school, year);
CREATE INDEX classes_year ON classes (year);

-- Lessons that were held. They outlive rooms and answers: nothing in them is a pupil's.
CREATE TABLE records (
    id         TEXT PRIMARY KEY, -- made by who files it, so that a second try makes no second record
    class      TEXT NOT NULL REFERENCES classes (id),
    term       TEXT NOT NULL,
    held_on    TEXT NOT NULL, -- 2026-11-27
    lesson     TEXT NOT NULL, -- its page; empty for one that is not of the site
    title      TEXT NOT NULL,
    form       TEXT NOT NULL,
    meeting    BIGINT NOT NULL, -- counts as one of the class meetings due
    minutes    BIGINT NOT NULL,
    steps      TEXT NOT NULL,
    teacher    TEXT NOT NULL,
    filed_by   TEXT NOT NULL,
    filed_at   BIGINT NOT NULL,
    changed_at BIGINT NOT NULL
);
CREATE INDEX records_class ON records (class, term);
CREATE INDEX records_term ON records (term, class);
