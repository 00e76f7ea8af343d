//! Corruptions of a database that services do not make, in the words of both engines.

/// A fault: the invariant that names it, and the statement that plants it. `$n` is a paid payment, `$s` the event of its success;
/// `$new` a UUID that nobody has, `$now` the time, `$bytes` the type of bytes.
struct Corruption {
    id: &'static str,
    /// Which of the paid payments it is done to.
    nth: i64,
    sql: &'static str,
}

/// How many paid payments are needed.
pub(crate) const PAID: i64 = 9;

const CORRUPTIONS: [Corruption; 17] = [
    Corruption { id: "I2", nth: 9, sql: "UPDATE payments SET idempotency_key = 'of nobody' WHERE payment_no = $n" },
    Corruption { id: "I5", nth: 5, sql: "DELETE FROM events WHERE aggregate_id = $n AND aggregate_version = 1" },
    Corruption { id: "I6", nth: 7, sql: "UPDATE payments SET refunded = captured + 1 WHERE payment_no = $n" },
    Corruption { id: "I8", nth: 2, sql: "UPDATE payments SET amount = amount + 1 WHERE payment_no = $n" },
    Corruption { id: "I8", nth: 7, sql: "UPDATE payments SET status = 'failed' WHERE payment_no = $n" },
    Corruption { id: "I10", nth: 6, sql: "UPDATE events SET value = CAST('{}' AS $bytes) WHERE event_id = $s" },
    Corruption {
        id: "I11",
        nth: 8,
        sql: "UPDATE events SET seq = (SELECT max(seq) + 1000 FROM events) WHERE aggregate_id = $n AND aggregate_version = 1",
    },
    Corruption {
        id: "I12",
        nth: 4,
        sql: "INSERT INTO transactions SELECT 'TX-TWICE', $new, source_event_type, merchant_id, currency, description, related_id, \
              occurred_at, created_at FROM transactions WHERE related_id = $n",
    },
    Corruption { id: "I13", nth: 3, sql: "DELETE FROM inbox WHERE grp = 'payctl.analytics' AND event_id = $s" },
    Corruption {
        id: "I16",
        nth: 8,
        sql: "INSERT INTO dlq (grp, topic, partition, log_offset, event_id, event_type, aggregate_id, version, state, attempts, error_code, \
              error_message, retryable, key, headers, value, first_failed_at, last_failed_at) SELECT 'payctl.accounting', topic, partition, \
              1, event_id, event_type, aggregate_id, aggregate_version, 'failed', 1, 'X', 'x', 0, key, headers, value, $now, $now FROM events \
              WHERE event_id = $s",
    },
    Corruption { id: "I20", nth: 1, sql: "UPDATE accounts SET credits_posted = credits_posted + 1 WHERE account = 'fee_income'" },
    Corruption { id: "I22", nth: 1, sql: "DELETE FROM transfers WHERE leg = 'payment_fee' AND source_event_id = $s" },
    Corruption { id: "I23", nth: 1, sql: "UPDATE accounts SET kind = 'expense' WHERE account = 'fee_income'" },
    Corruption { id: "I27", nth: 3, sql: "UPDATE payments SET fee_amount = fee_amount + 1 WHERE payment_no = $n" },
    Corruption {
        id: "I30",
        nth: 6,
        sql: "INSERT INTO webhook_in SELECT 'evt_again', provider, event_type, raw, state, payment_no, note, attempts, received_at, due_at, \
              applied_at FROM webhook_in WHERE payment_no = $n AND state = 'applied' AND event_type = 'payment_intent.succeeded' LIMIT 1",
    },
    Corruption {
        id: "I32",
        nth: 9,
        sql: "INSERT INTO notifications SELECT $new, $new, source_event_type, channel, template, merchant_id, recipient, subject_id, \
              payment_no, variables, status, attempts, refusals, next_attempt_at, NULL, NULL, '<again>', NULL, trace_id, created_at, sent_at \
              FROM notifications WHERE source_event_id = $s",
    },
    Corruption { id: "I35", nth: 4, sql: "UPDATE orders SET merchant_id = $new WHERE payment_no = $n" },
];

/// Those whose examples are accounts, of which there is nothing to trace.
pub(crate) const UNTRACED: [&str; 3] = ["I20", "I21", "I23"];

/// The invariants that are broken then, each once.
pub(crate) fn ids() -> Vec<&'static str> {
    let mut ids: Vec<&str> = CORRUPTIONS.iter().map(|corruption| corruption.id).collect();
    ids.dedup();
    ids
}

/// The statements, one after the other: first what notes the paid payments, so that no corruption changes which they are.
pub(crate) fn statements(is_server: bool) -> Vec<String> {
    let (new, now, bytes) = if is_server {
        ("gen_random_uuid()", "now()", "BYTEA")
    } else {
        ("'00000000-0000-4000-8000-00000000000d'", "'2026-01-01T00:00:00.000000Z'", "BLOB")
    };
    let noted = "CREATE TABLE planted AS SELECT row_number() OVER (ORDER BY p.payment_no) AS n, p.payment_no, e.event_id FROM payments p \
                 JOIN events e ON e.aggregate_id = p.payment_no AND e.event_type = 'payment.success'";
    let planted = CORRUPTIONS.iter().map(|Corruption { nth, sql, .. }| {
        let payment = format!("(SELECT payment_no FROM planted WHERE n = {nth})");
        let success = format!("(SELECT event_id FROM planted WHERE n = {nth})");
        sql.replace("$now", now).replace("$new", new).replace("$bytes", bytes).replace("$n", &payment).replace("$s", &success)
    });
    std::iter::once(noted.to_owned()).chain(planted).collect()
}
