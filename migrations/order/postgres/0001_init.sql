-- The merchants' orders.

CREATE TABLE orders (
  merchant_id UUID NOT NULL,
  order_no TEXT COLLATE "C" NOT NULL,
  -- The payment that pays it, or tried to last; empty where none was made yet.
  payment_no TEXT COLLATE "C" NOT NULL,
  total_amount BIGINT NOT NULL CHECK (total_amount > 0),
  fee_amount BIGINT,
  currency TEXT COLLATE "C" NOT NULL,
  status TEXT COLLATE "C" NOT NULL CHECK (status IN ('pending', 'paid', 'shipped', 'completed', 'cancelled', 'expired', 'refunded')),
  version BIGINT NOT NULL,
  customer_email TEXT COLLATE "C" NOT NULL,
  extra TEXT COLLATE "C" NOT NULL,
  trace_id TEXT COLLATE "C" NOT NULL,
  created_at TIMESTAMPTZ NOT NULL,
  updated_at TIMESTAMPTZ NOT NULL,
  paid_at TIMESTAMPTZ,
  PRIMARY KEY (merchant_id, order_no)
);
CREATE INDEX orders_by_age ON orders (merchant_id, created_at);

-- Payments that did not fit their order, for a person to look at.
CREATE TABLE order_reviews (
  source_event_id UUID PRIMARY KEY,
  merchant_id UUID NOT NULL,
  order_no TEXT COLLATE "C" NOT NULL,
  payment_no TEXT COLLATE "C" NOT NULL,
  kind TEXT COLLATE "C" NOT NULL,
  detail TEXT COLLATE "C" NOT NULL,
  created_at TIMESTAMPTZ NOT NULL
);
CREATE INDEX order_reviews_by_payment ON order_reviews (payment_no);
