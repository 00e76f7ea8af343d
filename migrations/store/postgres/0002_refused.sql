-- Rows that the brokers refuse for their own sake stay here with the reason; a number behind those of the shards keeps them, and
-- those that wait behind them, out of what is published next.
ALTER TABLE outbox ADD COLUMN refusal TEXT COLLATE "C";
ALTER TABLE outbox ADD COLUMN refused_at TIMESTAMPTZ;
CREATE INDEX outbox_refused ON outbox (seq) WHERE refusal IS NOT NULL;

-- Of an event that had to be sent twice the client may learn that it is in the log, and not where: its place is NULL then.
CREATE OR REPLACE VIEW event_places (seq, event_id, topic, partition, log_offset) AS
  SELECT p.seq, e.event_id, p.topic, p.partition, p.log_offset FROM published p JOIN events e ON e.seq = p.seq
  WHERE p.log_offset IS NOT NULL;
