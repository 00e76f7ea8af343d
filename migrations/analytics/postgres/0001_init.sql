-- Counters by day (contract section 8); rates and averages are derived when read.

CREATE TABLE payment_metrics (
  merchant_id UUID NOT NULL,
  date TEXT COLLATE "C" NOT NULL,
  currency TEXT COLLATE "C" NOT NULL,
  total_payments BIGINT NOT NULL DEFAULT 0,
  success_payments BIGINT NOT NULL DEFAULT 0,
  failed_payments BIGINT NOT NULL DEFAULT 0,
  total_amount BIGINT NOT NULL DEFAULT 0,
  success_amount BIGINT NOT NULL DEFAULT 0,
  total_refunds BIGINT NOT NULL DEFAULT 0,
  total_refund_amount BIGINT NOT NULL DEFAULT 0,
  version BIGINT NOT NULL DEFAULT 1,
  PRIMARY KEY (merchant_id, date, currency)
) WITH (fillfactor = 50);

CREATE TABLE channel_metrics (
  channel TEXT COLLATE "C" NOT NULL,
  date TEXT COLLATE "C" NOT NULL,
  currency TEXT COLLATE "C" NOT NULL,
  total_transactions BIGINT NOT NULL DEFAULT 0,
  success_transactions BIGINT NOT NULL DEFAULT 0,
  failed_transactions BIGINT NOT NULL DEFAULT 0,
  total_amount BIGINT NOT NULL DEFAULT 0,
  success_amount BIGINT NOT NULL DEFAULT 0,
  -- Milliseconds from created to success, summed over success_transactions.
  latency_ms_sum BIGINT NOT NULL DEFAULT 0,
  version BIGINT NOT NULL DEFAULT 1,
  PRIMARY KEY (channel, date, currency)
) WITH (fillfactor = 50);

CREATE TABLE merchant_metrics (
  merchant_id UUID NOT NULL,
  date TEXT COLLATE "C" NOT NULL,
  currency TEXT COLLATE "C" NOT NULL,
  total_orders BIGINT NOT NULL DEFAULT 0,
  completed_orders BIGINT NOT NULL DEFAULT 0,
  cancelled_orders BIGINT NOT NULL DEFAULT 0,
  total_revenue BIGINT NOT NULL DEFAULT 0,
  total_fees BIGINT NOT NULL DEFAULT 0,
  net_revenue BIGINT NOT NULL DEFAULT 0,
  new_customers BIGINT NOT NULL DEFAULT 0,
  returning_customers BIGINT NOT NULL DEFAULT 0,
  version BIGINT NOT NULL DEFAULT 1,
  PRIMARY KEY (merchant_id, date, currency)
) WITH (fillfactor = 50);

-- Who has paid a merchant before, by the hash of the address: the address itself is not needed here.
CREATE TABLE merchant_customers (
  merchant_id UUID NOT NULL,
  customer_hash TEXT COLLATE "C" NOT NULL,
  first_paid_at TIMESTAMPTZ NOT NULL,
  PRIMARY KEY (merchant_id, customer_hash)
);
