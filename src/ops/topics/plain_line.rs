use std::io::Write as _;

use crate::domain::{Currency, OrderStatus, PaymentStatus, Timestamp, masked_address, plain_timestamp};
use crate::event::{AggregateType, ENVELOPE_VERSION, EventKind, Plain, Record, is_plain_text};

use super::headers::plain_headers;
use super::line::{order_words, payment_words};

/// What a record says, in pieces of its own bytes: the same line of JSON as [`TailRecord`](super::TailRecord) makes of it, without
/// decoding it. Only records of the usual payments and orders are so plain, and of a long log nearly all are.
pub(super) struct PlainLine<'a> {
    record: &'a Record,
    headers: &'a str,
    pub(super) time: Timestamp,
    time_text: &'a str,
    event_id: &'a str,
    event_type: &'a str,
    aggregate_id: &'a str,
    aggregate_version: &'a str,
    merchant_id: &'a str,
    trace_id: &'a str,
    said: Said<'a>,
}

/// What a payload says.
struct Said<'a> {
    payment_no: &'a str,
    amount: &'a str,
    currency: &'a str,
    summary: [&'a str; 8],
    /// As it lies there, with the address masked.
    payload: [&'a str; 5],
}

impl<'a> PlainLine<'a> {
    /// `None` where a record has to be decoded.
    pub(super) fn of(record: &'a Record) -> Option<Self> {
        let headers = plain_headers(record).filter(|_| is_plain_text(&record.key))?;
        let (time, time_text) = plain_timestamp(&record.created_at)?;
        let mut json = Plain::of(&record.value)?;
        let event_id = json.uuid("{\"event_id\":\"")?;
        let event_type = json.text(",\"event_type\":\"")?;
        json.text(",\"aggregate_type\":\"")?;
        let aggregate_id = json.text(",\"aggregate_id\":\"")?;
        json.time(",\"timestamp\":\"")?;
        json.text(",\"version\":\"").filter(|version| *version == ENVELOPE_VERSION)?;
        let aggregate_version = json.integer(",\"metadata\":{\"aggregate_version\":")?;
        let merchant_id = json.uuid(",\"merchant_id\":\"")?;
        json.text(",\"correlation_id\":\"")?;
        json.text(",\"causation_id\":\"")?;
        let trace_id = json.text(",\"trace_id\":\"")?;
        json.text(",\"producer\":\"")?;
        json.literal("},\"payload\":")?;
        let said = match EventKind::parse(event_type)?.aggregate_type() {
            AggregateType::Payment => Said::payment(json, merchant_id)?,
            AggregateType::Order => Said::order(json, merchant_id)?,
            _ => return None,
        };
        Some(Self { record, headers, time, time_text, event_id, event_type, aggregate_id, aggregate_version, merchant_id, trace_id, said })
    }

    /// The payment that it speaks of.
    pub(super) const fn payment_no(&self) -> &str {
        self.said.payment_no
    }

    /// Appends the line, after what each line begins with.
    pub(super) fn write(&self, begin: &str, line: &mut Vec<u8>) {
        let Record { at, offset, key, .. } = self.record;
        push(line, &[begin, ",\"topic\":\"", at.topic.name()]);
        // A list of bytes takes whatever is written into it.
        let _ = write!(line, "\",\"partition\":{},\"offset\":{offset}", at.partition);
        push(line, &[",\"time\":\"", self.time_text, "Z\",\"key\":\"", key, "\",\"event_id\":\"", self.event_id]);
        push(line, &["\",\"event_type\":\"", self.event_type, "\",\"aggregate_id\":\"", self.aggregate_id]);
        push(line, &["\",\"aggregate_version\":", self.aggregate_version, ",\"merchant_id\":\"", self.merchant_id]);
        push(line, &["\",\"payment_no\":\"", self.said.payment_no, "\",\"amount\":", self.said.amount]);
        push(line, &[",\"currency\":\"", self.said.currency, "\",\"trace_id\":"]);
        let quote = if self.trace_id.is_empty() { ["null", ""] } else { ["\"", "\""] };
        push(line, &[quote[0], self.trace_id, quote[1], ",\"summary\":\""]);
        push(line, &self.said.summary);
        push(line, &["\",\"payload\":"]);
        push(line, &self.said.payload);
        push(line, &[",\"undecodable\":null,\"headers\":", self.headers, "}\n"]);
    }
}

fn push(line: &mut Vec<u8>, pieces: &[&str]) {
    for piece in pieces {
        line.extend_from_slice(piece.as_bytes());
    }
}

impl<'a> Said<'a> {
    /// What is left of the envelope, read as a payload of the same merchant.
    fn payment(mut json: Plain<'a>, merchant_id: &str) -> Option<Self> {
        let whole = json.rest();
        let payment_no = json.text("{\"payment_no\":\"").filter(|no| !no.is_empty())?;
        json.text(",\"merchant_id\":\"").filter(|id| *id == merchant_id)?;
        let order_no = json.text(",\"order_no\":\"")?;
        let amount = json.integer(",\"amount\":")?;
        let currency = currency(&mut json)?;
        let channel = json.text(",\"channel\":\"")?;
        let status = json.text(",\"status\":\"").filter(|status| PaymentStatus::parse(status).is_some())?;
        let payload = with_masked_address(whole, &mut json)?;
        json.time(",\"created_at\":\"")?;
        paid_at(&mut json)?;
        json.integer(",\"fee_bps\":")?;
        let fee = json.integer(",\"fee_amount\":")?;
        end(json)?;
        let summary = payment_words(order_no, channel, status, fee);
        Some(Self { payment_no, amount, currency, summary, payload })
    }

    fn order(mut json: Plain<'a>, merchant_id: &str) -> Option<Self> {
        let whole = json.rest();
        let order_no = json.text("{\"order_no\":\"")?;
        json.text(",\"merchant_id\":\"").filter(|id| *id == merchant_id)?;
        let payment_no = json.text(",\"payment_no\":\"").filter(|no| !no.is_empty())?;
        let amount = json.integer(",\"total_amount\":")?;
        if json.rest().starts_with(",\"fee_amount\"") {
            json.integer(",\"fee_amount\":")?;
        }
        let currency = currency(&mut json)?;
        let status = json.text(",\"status\":\"").filter(|status| OrderStatus::parse(status).is_some())?;
        let payload = with_masked_address(whole, &mut json)?;
        paid_at(&mut json)?;
        end(json)?;
        let [order, order_no, before_status, status] = order_words(order_no, status);
        let summary = [order, order_no, before_status, status, "", "", "", ""];
        Some(Self { payment_no, amount, currency, summary, payload })
    }
}

fn currency<'a>(json: &mut Plain<'a>) -> Option<&'a str> {
    json.text(",\"currency\":\"").filter(|code| code.parse::<Currency>().is_ok())
}

fn paid_at(json: &mut Plain<'_>) -> Option<()> {
    if json.rest().starts_with(",\"paid_at\"") {
        json.time(",\"paid_at\":\"")?;
    }
    Some(())
}

/// The end of a payload without free fields, of its envelope, and of the record.
fn end(mut json: Plain<'_>) -> Option<()> {
    json.literal(",\"extra\":{}}}").filter(|()| json.rest().is_empty())
}

/// The payload in pieces, once the address is read in it; its last byte is the envelope's.
fn with_masked_address<'a>(whole: &'a str, json: &mut Plain<'a>) -> Option<[&'a str; 5]> {
    let address = json.text(",\"customer_email\":\"")?;
    let after = whole.len().checked_sub(json.rest().len())?.checked_sub(1)?;
    let before = whole.get(..after.checked_sub(address.len())?)?;
    let [first, stars, domain] = masked_address(address);
    Some([before, first, stars, domain, whole.get(after..whole.len().checked_sub(1)?)?])
}

#[cfg(test)]
mod tests {
    use super::super::TailRecord;
    use super::super::found::write_line;
    use super::*;
    use crate::domain::{MerchantId, format_timestamp};
    use crate::event::tests::sample::{any_event, event_with};
    use crate::event::{Extra, NewEvent, Payload, encode};
    use proptest::prelude::*;
    use proptest::sample::{Index, select};

    const BEGIN: &str = "{\"schema_version\":1";

    fn record(event: &NewEvent) -> Record {
        let encoded = encode(event).unwrap();
        Record {
            at: encoded.at,
            offset: 7,
            key: event.key.clone(),
            headers: encoded.headers,
            value: encoded.value,
            is_tombstone: false,
            created_at: format_timestamp(event.timestamp),
        }
    }

    fn plain(record: &Record) -> Option<String> {
        PlainLine::of(record).map(|line| {
            let mut text = Vec::new();
            line.write(BEGIN, &mut text);
            String::from_utf8(text).unwrap()
        })
    }

    fn decoded(record: &Record) -> String {
        let mut text = Vec::new();
        write_line(&TailRecord::of_record(record, false), BEGIN, &mut text).unwrap();
        String::from_utf8(text).unwrap()
    }

    /// A payment or an order of a merchant, without free fields.
    fn usual() -> impl Strategy<Value = NewEvent> {
        let kinds = [EventKind::PaymentCreated, EventKind::PaymentSuccess, EventKind::OrderPaid, EventKind::OrderCreated];
        let texts = "[ -!#-\\[\\]-~é€😀\u{7f}]{1,12}@?[a-z.]{0,9}";
        select(kinds.to_vec()).prop_flat_map(move |kind| event_with(kind, texts)).prop_map(|mut event| {
            event.merchant_id = Some(MerchantId(event.event_id));
            event.aggregate_version %= 1_000_000;
            match &mut event.payload {
                Payload::Payment(payment) => {
                    payment.extra = Extra::new();
                    (payment.amount, payment.fee_bps, payment.fee_amount) = (payment.amount % 1_000_000, 200, -payment.fee_amount % 1000);
                }
                Payload::Order(order) => {
                    order.extra = Extra::new();
                    (order.total_amount, order.fee_amount) = (order.total_amount % 1_000_000, order.fee_amount.map(|fee| fee % 1000));
                }
                _ => {}
            }
            event
        })
    }

    /// What may stand in JSON somewhere, or may not.
    #[rustfmt::skip]
    const PIECES: &[&str] = &[
        "", " ", "\n", "null", "-0", "007", "1.0", "1e3", "12345678901234567890", "true", "\"", "\\", "\\u0041", "\\\"", "{", "}", "[]", ",",
        ":", "x", "A", "é", "\u{1}", "\u{7f}", "-", "+", "\"extra\":{\"late\":true}", "2026-02-30T00:00:00Z", "2026-01-02T03:04:05.100000Z",
        "2026-01-02T03:04:60Z", "\"a\":1,", ",\"payment_no\":\"PY2\"", "XXX", "JPY", "paid", "pending", "1.7", "\u{2028}", "@b", "noat",
    ];

    proptest! {
        #[test]
        fn usual_records_are_plain_and_read_as_decoding_reads_them(event in usual()) {
            let record = record(&event);
            prop_assert_eq!(plain(&record), Some(decoded(&record)));
        }

        #[test]
        fn whatever_is_plain_reads_as_decoding_reads_it(event in any_event()) {
            let record = record(&event);
            if let Some(line) = plain(&record) {
                prop_assert_eq!(line, decoded(&record));
            }
        }

        #[test]
        fn a_record_that_was_tampered_with_is_decoded_or_reads_the_same(
            event in usual(),
            edits in proptest::collection::vec((any::<Index>(), 0usize..6, select(PIECES.to_vec()), 0..3), 1..3),
        ) {
            let mut record = record(&event);
            for (at, length, piece, field) in edits {
                match field {
                    0 => record.headers = tampered(&record.headers, at, length, piece),
                    1 => record.created_at = tampered(&record.created_at, at, length, piece),
                    _ => record.value = tampered(str::from_utf8(&record.value).unwrap(), at, length, piece).into_bytes(),
                }
            }
            if let Some(line) = plain(&record) {
                prop_assert_eq!(line, decoded(&record));
            }
        }

        #[test]
        fn a_value_in_place_of_another_is_decoded_or_reads_the_same(event in usual(), at in any::<Index>(), piece in select(PIECES.to_vec())) {
            let mut record = record(&event);
            let value = String::from_utf8(record.value).unwrap();
            // From one colon or quotation mark to the next mark after it: a whole number, or a whole text.
            let ends: Vec<usize> = value.match_indices([':', '"', ',', '}']).map(|(at, _)| at).collect();
            let first = at.index(ends.len() - 1);
            record.value = format!("{}{piece}{}", &value[..=ends[first]], &value[ends[first + 1]..]).into_bytes();
            if let Some(line) = plain(&record) {
                prop_assert_eq!(line, decoded(&record));
            }
        }
    }

    /// The text with another piece in place of some characters.
    fn tampered(text: &str, at: Index, length: usize, piece: &str) -> String {
        let count = text.chars().count();
        let from = if count == 0 { 0 } else { at.index(count) };
        text.chars().take(from).chain(piece.chars()).chain(text.chars().skip(from + length)).collect()
    }

    #[test]
    fn what_is_no_usual_event_has_to_be_decoded() {
        let usual = record(&sample());
        assert!(plain(&usual).is_some());
        for value in ["", "null", "{}", "rubbish"] {
            assert_eq!(plain(&Record { value: value.as_bytes().to_vec(), ..usual.clone() }), None, "{value}");
        }
        for headers in ["", "}", "{}", "[]", r#"{"who":"a"}"#, r#"{"event_id":7}"#, r#"{"event_id":"a"}}"#, r#"{"event_id":"a",}"#] {
            assert_eq!(plain(&Record { headers: headers.to_owned(), ..usual.clone() }), None, "{headers}");
        }
        assert_eq!(plain(&Record { key: "a\"b".to_owned(), ..usual.clone() }), None);
        assert_eq!(plain(&Record { created_at: "2026-01-02T03:04:05+00:00".to_owned(), ..usual }), None);
    }

    fn sample() -> NewEvent {
        use proptest::strategy::ValueTree as _;
        usual().new_tree(&mut proptest::test_runner::TestRunner::deterministic()).unwrap().current()
    }
}
