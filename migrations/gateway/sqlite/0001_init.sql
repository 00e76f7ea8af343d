-- Payments, their idempotency keys, the channel's webhooks as they came, and what waits for a person.

-- The gateway's own view of merchants; seeded until merchants are a service of their own.
CREATE TABLE gateway_merchants (
  merchant_id TEXT PRIMARY KEY,
  name TEXT NOT NULL,
  email TEXT NOT NULL,
  status TEXT NOT NULL CHECK (status IN ('pending', 'active', 'frozen')),
  fee_bps INTEGER NOT NULL CHECK (fee_bps BETWEEN 0 AND 10000),
  created_at TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE payments (
  payment_no TEXT PRIMARY KEY,
  merchant_id TEXT NOT NULL,
  order_no TEXT NOT NULL,
  amount INTEGER NOT NULL CHECK (amount > 0 AND amount <= 9007199254740991),
  currency TEXT NOT NULL CHECK (length(currency) = 3),
  channel TEXT NOT NULL,
  status TEXT NOT NULL CHECK (status IN ('pending', 'processing', 'success', 'failed', 'cancelled', 'expired')),
  version INTEGER NOT NULL,
  -- 1 while no second payment may be made for the order; a late success keeps 0 where another payment took its place.
  occupies_order INTEGER NOT NULL CHECK (occupies_order IN (0, 1)),
  customer_email TEXT NOT NULL,
  customer_ip TEXT,
  description TEXT,
  return_url TEXT,
  notify_url TEXT,
  extra TEXT NOT NULL,
  fee_bps INTEGER NOT NULL,
  fee_amount INTEGER NOT NULL CHECK (fee_amount BETWEEN 0 AND amount),
  captured INTEGER NOT NULL DEFAULT 0 CHECK (captured BETWEEN 0 AND amount),
  refunded INTEGER NOT NULL DEFAULT 0,
  intent_id TEXT,
  idempotency_key TEXT,
  trace_id TEXT NOT NULL,
  expires_at TEXT NOT NULL,
  created_at TEXT NOT NULL,
  updated_at TEXT NOT NULL,
  paid_at TEXT
) STRICT;
CREATE UNIQUE INDEX payments_one_per_order ON payments (merchant_id, order_no) WHERE occupies_order = 1;
CREATE INDEX payments_by_merchant ON payments (merchant_id, created_at);
CREATE INDEX payments_expiring ON payments (expires_at) WHERE status = 'pending';
CREATE UNIQUE INDEX payments_by_intent ON payments (intent_id) WHERE intent_id IS NOT NULL;

-- The answers lie in the order they were given, so that keys, which are random, spread only over the small index.
CREATE TABLE idempotency (
  seq INTEGER PRIMARY KEY,
  merchant_id TEXT NOT NULL,
  key TEXT NOT NULL,
  fingerprint TEXT NOT NULL,
  payment_no TEXT,
  status INTEGER NOT NULL,
  body BLOB NOT NULL,
  created_at TEXT NOT NULL,
  UNIQUE (merchant_id, key)
) STRICT;

CREATE TABLE webhook_in (
  evt_id TEXT PRIMARY KEY,
  provider TEXT NOT NULL,
  event_type TEXT NOT NULL,
  raw BLOB NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('received', 'applied', 'ignored', 'review')),
  -- What applying it came to: the payment, and why it was ignored or put up for review.
  payment_no TEXT,
  note TEXT,
  attempts INTEGER NOT NULL DEFAULT 0,
  received_at TEXT NOT NULL,
  -- When it is tried next; put off while the channel cannot be asked.
  due_at TEXT NOT NULL,
  applied_at TEXT
) STRICT;
CREATE INDEX webhook_in_waiting ON webhook_in (due_at) WHERE state = 'received';
CREATE INDEX webhook_in_done ON webhook_in (received_at) WHERE state IN ('applied', 'ignored');
CREATE INDEX webhook_in_by_payment ON webhook_in (payment_no) WHERE payment_no IS NOT NULL;

CREATE TABLE reviews (
  review_id TEXT PRIMARY KEY,
  -- Where it came from: an evt_ id, or an event id.
  source_id TEXT NOT NULL,
  payment_no TEXT,
  merchant_id TEXT,
  kind TEXT NOT NULL,
  detail TEXT NOT NULL,
  created_at TEXT NOT NULL,
  resolved_at TEXT,
  UNIQUE (source_id, kind)
) STRICT;
CREATE INDEX reviews_by_payment ON reviews (payment_no);
