-- The merchants' orders.

CREATE TABLE orders (
  merchant_id TEXT NOT NULL,
  order_no TEXT NOT NULL,
  -- The payment that pays it, or tried to last; empty where none was made yet.
  payment_no TEXT NOT NULL,
  total_amount INTEGER NOT NULL CHECK (total_amount > 0),
  fee_amount INTEGER,
  currency TEXT NOT NULL,
  status TEXT NOT NULL CHECK (status IN ('pending', 'paid', 'shipped', 'completed', 'cancelled', 'expired', 'refunded')),
  version INTEGER NOT NULL,
  customer_email TEXT NOT NULL,
  extra TEXT NOT NULL,
  trace_id TEXT NOT NULL,
  created_at TEXT NOT NULL,
  updated_at TEXT NOT NULL,
  paid_at TEXT,
  PRIMARY KEY (merchant_id, order_no)
) STRICT, WITHOUT ROWID;
CREATE INDEX orders_by_age ON orders (merchant_id, created_at);

-- Payments that did not fit their order, for a person to look at.
CREATE TABLE order_reviews (
  source_event_id TEXT PRIMARY KEY,
  merchant_id TEXT NOT NULL,
  order_no TEXT NOT NULL,
  payment_no TEXT NOT NULL,
  kind TEXT NOT NULL,
  detail TEXT NOT NULL,
  created_at TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX order_reviews_by_payment ON order_reviews (payment_no);
