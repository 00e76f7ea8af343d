-- Payments that a channel has begun and not ended may wait for ever, and no expiry finds them. One that is paid without ever having been
-- processing, and one that is only made, never enters this index; those that are pending are in payments_expiring.
CREATE INDEX payments_processing ON payments (merchant_id, created_at) WHERE status = 'processing';
