-- What belongs to no service: the event store (which is the embedded log), consuming, dead letters, credentials.

CREATE TABLE events (
  seq INTEGER PRIMARY KEY AUTOINCREMENT,
  event_id TEXT NOT NULL UNIQUE,
  aggregate_type TEXT NOT NULL,
  aggregate_id TEXT NOT NULL,
  aggregate_version INTEGER NOT NULL CHECK (aggregate_version > 0),
  event_type TEXT NOT NULL,
  merchant_id TEXT,
  topic TEXT NOT NULL,
  partition INTEGER NOT NULL,
  key TEXT NOT NULL,
  headers TEXT NOT NULL,
  value BLOB NOT NULL,
  created_at TEXT NOT NULL,
  UNIQUE (aggregate_id, aggregate_type, aggregate_version)
) STRICT;
CREATE INDEX events_by_partition ON events (topic, partition);
CREATE TRIGGER events_are_permanent_u BEFORE UPDATE ON events BEGIN SELECT RAISE(ABORT, 'events are append-only'); END;
CREATE TRIGGER events_are_permanent_d BEFORE DELETE ON events BEGIN SELECT RAISE(ABORT, 'events are append-only'); END;

-- Where each event lies in the log, in the same words on every engine; here the table is the log.
CREATE VIEW event_places (seq, event_id, topic, partition, log_offset) AS SELECT seq, event_id, topic, partition, seq FROM events;

CREATE TABLE consumer_offsets (
  grp TEXT NOT NULL,
  topic TEXT NOT NULL,
  partition INTEGER NOT NULL,
  next_offset INTEGER NOT NULL,
  epoch INTEGER NOT NULL,
  -- Of the brokers whose offsets these are; NULL in the embedded log.
  cluster_id TEXT,
  last_event_id TEXT,
  updated_at TEXT NOT NULL,
  PRIMARY KEY (grp, topic, partition)
) STRICT, WITHOUT ROWID;

-- One row a batch: tells trace when a group processed an offset, and after how many attempts.
CREATE TABLE consumer_batches (
  grp TEXT NOT NULL,
  topic TEXT NOT NULL,
  partition INTEGER NOT NULL,
  from_offset INTEGER NOT NULL,
  to_offset INTEGER NOT NULL,
  events INTEGER NOT NULL,
  applied INTEGER NOT NULL,
  skipped INTEGER NOT NULL,
  parked INTEGER NOT NULL,
  attempts INTEGER NOT NULL,
  started_at TEXT NOT NULL,
  ended_at TEXT NOT NULL,
  PRIMARY KEY (grp, topic, partition, to_offset)
) STRICT, WITHOUT ROWID;

-- Dedupe of ordered groups: the highest version of each aggregate that is done with.
CREATE TABLE applied_version (
  aggregate_id TEXT NOT NULL,
  grp TEXT NOT NULL,
  version INTEGER NOT NULL,
  PRIMARY KEY (aggregate_id, grp)
) STRICT, WITHOUT ROWID;

-- Dedupe of the other groups.
CREATE TABLE inbox (
  grp TEXT NOT NULL,
  event_day TEXT NOT NULL,
  event_id TEXT NOT NULL,
  PRIMARY KEY (grp, event_day, event_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE dlq (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  grp TEXT NOT NULL,
  topic TEXT NOT NULL,
  partition INTEGER NOT NULL,
  log_offset INTEGER NOT NULL,
  event_id TEXT,
  event_type TEXT,
  aggregate_id TEXT,
  hold_key TEXT,
  version INTEGER,
  merchant_id TEXT,
  state TEXT NOT NULL CHECK (state IN ('failed', 'blocked', 'replaying', 'resolved', 'discarded')),
  attempts INTEGER NOT NULL,
  error_code TEXT NOT NULL,
  error_message TEXT NOT NULL,
  retryable INTEGER NOT NULL,
  key TEXT NOT NULL,
  headers TEXT NOT NULL,
  value BLOB NOT NULL,
  first_failed_at TEXT NOT NULL,
  last_failed_at TEXT NOT NULL,
  reason TEXT
) STRICT;
CREATE UNIQUE INDEX dlq_by_event ON dlq (grp, event_id) WHERE event_id IS NOT NULL;
CREATE UNIQUE INDEX dlq_by_offset ON dlq (grp, topic, partition, log_offset) WHERE event_id IS NULL;
CREATE INDEX dlq_open ON dlq (grp, hold_key) WHERE state IN ('failed', 'blocked', 'replaying');
CREATE INDEX dlq_by_aggregate ON dlq (aggregate_id);

CREATE TABLE group_members (
  grp TEXT NOT NULL,
  member TEXT NOT NULL,
  state TEXT NOT NULL,
  reason TEXT,
  started_at TEXT NOT NULL,
  seen_at TEXT NOT NULL,
  PRIMARY KEY (grp, member)
) STRICT, WITHOUT ROWID;

CREATE TABLE api_keys (
  key_id TEXT PRIMARY KEY,
  key_hash TEXT NOT NULL UNIQUE,
  merchant_id TEXT NOT NULL,
  label TEXT NOT NULL,
  created_at TEXT NOT NULL,
  revoked_at TEXT
) STRICT;
