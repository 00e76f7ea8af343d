-- Nothing is planned by what these columns hold, and sampling them is most of the work of looking at a table that grows.
ALTER TABLE payments ALTER COLUMN customer_email SET STATISTICS 0, ALTER COLUMN customer_ip SET STATISTICS 0,
  ALTER COLUMN description SET STATISTICS 0, ALTER COLUMN return_url SET STATISTICS 0, ALTER COLUMN notify_url SET STATISTICS 0,
  ALTER COLUMN extra SET STATISTICS 0, ALTER COLUMN fee_bps SET STATISTICS 0, ALTER COLUMN fee_amount SET STATISTICS 0,
  ALTER COLUMN captured SET STATISTICS 0, ALTER COLUMN refunded SET STATISTICS 0, ALTER COLUMN updated_at SET STATISTICS 0;
ALTER TABLE idempotency ALTER COLUMN fingerprint SET STATISTICS 0, ALTER COLUMN body SET STATISTICS 0;
ALTER TABLE webhook_in ALTER COLUMN raw SET STATISTICS 0;
