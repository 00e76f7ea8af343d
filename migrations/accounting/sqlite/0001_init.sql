-- The books: accounts, and transfers that each debit one account and credit another.

CREATE TABLE accounts (
  -- As contract section 11 names it: channel_clearing:stripe, merchant_pending:<merchant>, fee_income.
  account TEXT NOT NULL,
  currency TEXT NOT NULL,
  kind TEXT NOT NULL CHECK (kind IN ('asset', 'liability', 'income', 'expense')),
  merchant_id TEXT,
  debits_posted INTEGER NOT NULL DEFAULT 0 CHECK (debits_posted >= 0),
  credits_posted INTEGER NOT NULL DEFAULT 0 CHECK (credits_posted >= 0),
  version INTEGER NOT NULL,
  created_at TEXT NOT NULL,
  updated_at TEXT NOT NULL,
  PRIMARY KEY (account, currency)
) STRICT, WITHOUT ROWID;

-- One booking per source event.
CREATE TABLE transactions (
  transaction_id TEXT PRIMARY KEY,
  source_event_id TEXT NOT NULL UNIQUE,
  source_event_type TEXT NOT NULL,
  merchant_id TEXT,
  currency TEXT NOT NULL,
  description TEXT NOT NULL,
  -- The payment, refund, settlement or withdrawal that it books.
  related_id TEXT NOT NULL,
  -- Of the business event, and of the booking.
  occurred_at TEXT NOT NULL,
  created_at TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX transactions_by_related ON transactions (related_id);
-- A merchant's own list, newest first: the primary key is the rest of the index.
CREATE INDEX transactions_by_merchant ON transactions (merchant_id);

CREATE TABLE transfers (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  transaction_id TEXT NOT NULL,
  source_event_id TEXT NOT NULL,
  -- payment_gross, payment_fee, …
  leg TEXT NOT NULL,
  debit TEXT NOT NULL,
  credit TEXT NOT NULL,
  amount INTEGER NOT NULL CHECK (amount > 0),
  currency TEXT NOT NULL,
  created_at TEXT NOT NULL,
  UNIQUE (source_event_id, leg),
  CHECK (debit <> credit)
) STRICT;
CREATE TRIGGER transfers_are_permanent_u BEFORE UPDATE ON transfers BEGIN SELECT RAISE(ABORT, 'transfers are append-only'); END;
CREATE TRIGGER transfers_are_permanent_d BEFORE DELETE ON transfers BEGIN SELECT RAISE(ABORT, 'transfers are append-only'); END;
