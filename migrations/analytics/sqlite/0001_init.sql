-- Counters by day (contract section 8); rates and averages are derived when read.

CREATE TABLE payment_metrics (
  merchant_id TEXT NOT NULL,
  date TEXT NOT NULL,
  currency TEXT NOT NULL,
  total_payments INTEGER NOT NULL DEFAULT 0,
  success_payments INTEGER NOT NULL DEFAULT 0,
  failed_payments INTEGER NOT NULL DEFAULT 0,
  total_amount INTEGER NOT NULL DEFAULT 0,
  success_amount INTEGER NOT NULL DEFAULT 0,
  total_refunds INTEGER NOT NULL DEFAULT 0,
  total_refund_amount INTEGER NOT NULL DEFAULT 0,
  version INTEGER NOT NULL DEFAULT 1,
  PRIMARY KEY (merchant_id, date, currency)
) STRICT, WITHOUT ROWID;

CREATE TABLE channel_metrics (
  channel TEXT NOT NULL,
  date TEXT NOT NULL,
  currency TEXT NOT NULL,
  total_transactions INTEGER NOT NULL DEFAULT 0,
  success_transactions INTEGER NOT NULL DEFAULT 0,
  failed_transactions INTEGER NOT NULL DEFAULT 0,
  total_amount INTEGER NOT NULL DEFAULT 0,
  success_amount INTEGER NOT NULL DEFAULT 0,
  -- Milliseconds from created to success, summed over success_transactions.
  latency_ms_sum INTEGER NOT NULL DEFAULT 0,
  version INTEGER NOT NULL DEFAULT 1,
  PRIMARY KEY (channel, date, currency)
) STRICT, WITHOUT ROWID;

CREATE TABLE merchant_metrics (
  merchant_id TEXT NOT NULL,
  date TEXT NOT NULL,
  currency TEXT NOT NULL,
  total_orders INTEGER NOT NULL DEFAULT 0,
  completed_orders INTEGER NOT NULL DEFAULT 0,
  cancelled_orders INTEGER NOT NULL DEFAULT 0,
  total_revenue INTEGER NOT NULL DEFAULT 0,
  total_fees INTEGER NOT NULL DEFAULT 0,
  net_revenue INTEGER NOT NULL DEFAULT 0,
  new_customers INTEGER NOT NULL DEFAULT 0,
  returning_customers INTEGER NOT NULL DEFAULT 0,
  version INTEGER NOT NULL DEFAULT 1,
  PRIMARY KEY (merchant_id, date, currency)
) STRICT, WITHOUT ROWID;

-- Who has paid a merchant before, by the hash of the address: the address itself is not needed here.
CREATE TABLE merchant_customers (
  merchant_id TEXT NOT NULL,
  customer_hash TEXT NOT NULL,
  first_paid_at TEXT NOT NULL,
  PRIMARY KEY (merchant_id, customer_hash)
) STRICT, WITHOUT ROWID;
