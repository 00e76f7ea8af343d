-- What operators see of dead letters, and do about them: causes and money without reading values, plans and their outcomes.

ALTER TABLE dlq ADD COLUMN cause TEXT;
ALTER TABLE dlq ADD COLUMN payment_no TEXT;
ALTER TABLE dlq ADD COLUMN amount INTEGER;
ALTER TABLE dlq ADD COLUMN currency TEXT;
ALTER TABLE dlq ADD COLUMN disposed_by TEXT;
ALTER TABLE dlq ADD COLUMN disposed_at TEXT;
CREATE INDEX dlq_by_cause ON dlq (cause) WHERE state IN ('failed', 'blocked', 'replaying');
CREATE INDEX dlq_by_payment ON dlq (payment_no);

-- What was done with a dead letter, by whom and why.
CREATE TABLE dlq_history (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  dlq_id INTEGER NOT NULL,
  at TEXT NOT NULL,
  action TEXT NOT NULL CHECK (action IN ('replayed', 'discarded', 'restored', 'imported')),
  actor TEXT NOT NULL,
  reason TEXT NOT NULL,
  plan_id TEXT
) STRICT;
CREATE INDEX dlq_history_by_letter ON dlq_history (dlq_id);

CREATE TABLE replay_plans (
  plan_id TEXT PRIMARY KEY,
  selector TEXT NOT NULL,
  grp TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('planned', 'running', 'stopped', 'done')),
  canary INTEGER NOT NULL,
  rate INTEGER NOT NULL,
  stop_on_fail INTEGER NOT NULL,
  actor TEXT NOT NULL,
  reason TEXT NOT NULL,
  note TEXT,
  created_at TEXT NOT NULL,
  started_at TEXT,
  ended_at TEXT
) STRICT, WITHOUT ROWID;

-- In the order in which they are sent. A verdict is what the plan found, an outcome what became of it.
CREATE TABLE replay_entries (
  plan_id TEXT NOT NULL,
  position INTEGER NOT NULL,
  dlq_id INTEGER NOT NULL,
  verdict TEXT NOT NULL CHECK (verdict IN ('ready', 'applied', 'superseded', 'undecodable', 'held', 'capped')),
  attempts_before INTEGER,
  sent_at TEXT,
  outcome TEXT CHECK (outcome IN ('VERIFIED', 'ALREADY-APPLIED', 'SUPERSEDED', 'FAILED-AGAIN', 'UNCONFIRMED', 'NOT-SENT')),
  detail TEXT,
  PRIMARY KEY (plan_id, position)
) STRICT, WITHOUT ROWID;
