//! All events once, in the order in which they are stored: each one's digest, the life of each aggregate, and what lies where.

use std::collections::{BTreeMap, HashMap};

use memchr::memmem::Finder;
use sha2::{Digest as _, Sha256};

use crate::event::EventKind;
use crate::ops::verify::said::Said;
use crate::store::{Fields, StoreError, Tx, text_field};

use super::history::{Histories, Told};
use super::sum::{Sum, weight_of_day};

/// Events that are asked for at once.
const WINDOW: i64 = 20_000;
/// What comes before the digest in an event's headers.
const DIGEST: &[u8] = b"\"sha256\":\"";
/// What comes before an event's time in its headers, and how long the day is with which that begins.
const TIMESTAMP: &[u8] = b"\"timestamp\":\"";
const DAY: usize = 10;
/// A hex digit a half byte.
const DIGITS: usize = 64;

/// What one connection has read: the events of some numbers.
#[derive(Debug, Default)]
pub(super) struct Events {
    pub(super) histories: Histories,
    pub(super) places: Places,
    /// By type; those that mails and bookings are about.
    pub(super) kinds: BTreeMap<&'static str, Kind>,
    pub(super) count: i64,
    /// Whether the bytes of an event are not those of its digest.
    pub(super) is_forged: bool,
}

/// What lies in each partition.
#[derive(Debug, Default)]
pub(super) struct Places(Vec<(String, i64, Place)>);

/// What lies in one partition of a topic.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(super) struct Place {
    /// The numbers of all events.
    pub(super) numbers: Sum,
    /// The ids of those whose type is known, weighed by their day.
    pub(super) ids: Sum,
    /// Their aggregates, once for each event.
    pub(super) aggregates: Sum,
}

/// The events of one type.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(super) struct Kind {
    pub(super) ids: Sum,
    /// Id and aggregate together, of payments that were made or paid.
    pub(super) pairs: Sum,
}

/// What goes through the events.
struct Eye {
    seed: i64,
    known: HashMap<&'static [u8], EventKind>,
    digest: Finder<'static>,
    timestamp: Finder<'static>,
    /// The day that was seen last, and its weight.
    day: (Vec<u8>, i64),
    last: i64,
    seen: i64,
    events: Events,
}

/// From which number to which one of `parts` reads, the last one included.
pub(super) async fn range(tx: &mut Tx, part: i64, parts: i64) -> Result<(i64, i64), StoreError> {
    let row = tx.query_one("SELECT coalesce(min(seq), 1) - 1, coalesce(max(seq), 0) FROM events", &[]).await?;
    let row = row.ok_or(StoreError::Column(0))?;
    let (first, last): (i64, i64) = (row.get(0)?, row.get(1)?);
    let step = (last - first) / parts;
    Ok((first + part * step, if part + 1 == parts { last } else { first + (part + 1) * step }))
}

/// Reads the events behind one number up to another.
pub(super) async fn read(tx: &mut Tx, seed: i64, (from, to): (i64, i64)) -> Result<Events, StoreError> {
    let known = EventKind::ALL.iter().map(|kind| (kind.as_str().as_bytes(), *kind)).collect();
    let mut eye = Eye {
        seed,
        known,
        digest: Finder::new(DIGEST),
        timestamp: Finder::new(TIMESTAMP),
        day: (Vec::new(), weight_of_day(seed, b"")),
        last: from,
        seen: WINDOW,
        events: Events::default(),
    };
    // Only where there is an outbox the numbers are compared with anything.
    let number = if tx.has_outbox() { "hashint8extended(seq, $3)" } else { "0" };
    let sql = format!(
        "SELECT seq, {number}, uuid_hash_extended(event_id, $3), hashtextextended(aggregate_id, $3), aggregate_version, aggregate_type, \
         event_type, topic, partition, headers, value, CASE WHEN event_type IN ('payment.created', 'payment.success') \
         THEN hashtextextended(aggregate_id, uuid_hash_extended(event_id, $3)) ELSE 0 END \
         FROM events WHERE seq > $1 AND seq <= $2 ORDER BY seq LIMIT {WINDOW}"
    );
    while eye.seen == WINDOW {
        eye.seen = 0;
        let params = [eye.last.into(), to.into(), seed.into()];
        tx.scan(&sql, &params, &mut |row| eye.see(row)).await?;
    }
    Ok(eye.events)
}

impl Eye {
    fn see(&mut self, row: &dyn Fields) -> Result<(), StoreError> {
        (self.last, self.seen) = (row.int(0)?, self.seen + 1);
        self.events.count += 1;
        let (headers, value) = (row.raw(9)?, row.raw(10)?);
        self.events.is_forged |= !has_digest(&self.digest, headers, value);
        let known = self.known.get(row.raw(6)?).copied();
        let (number, id, aggregate) = (row.int(1)?, row.int(2)?, row.int(3)?);
        let weight = self.weight(headers);
        self.events.places.see(text_field(row, 7)?, row.int(8)?, |place| {
            place.numbers.see(number);
            if known.is_some() {
                place.ids.see_weighed(id, weight);
                place.aggregates.see(aggregate);
            }
        });
        let Some(kind) = known else {
            self.events.histories.doubt();
            return Ok(());
        };
        let of_kind = self.events.kinds.entry(kind.as_str()).or_default();
        of_kind.ids.see(id);
        of_kind.pairs.see(row.int(11)?);
        self.tell(row, kind, aggregate, value)
    }

    /// The weight of the event's day; marks lie by day, and under another one would not be met.
    fn weight(&mut self, headers: &[u8]) -> i64 {
        let at = self.timestamp.find(headers).map(|at| at + TIMESTAMP.len());
        let day = at.and_then(|at| headers.get(at..at + DAY)).unwrap_or_default();
        if day != self.day.0 {
            self.day = (day.to_vec(), weight_of_day(self.seed, day));
        }
        self.day.1
    }

    fn tell(&mut self, row: &dyn Fields, kind: EventKind, aggregate: i64, value: &[u8]) -> Result<(), StoreError> {
        let mut told = Told { aggregate, version: row.int(4)?, kind, constant: 0, paid_at: None };
        let histories = &mut self.events.histories;
        if row.raw(5)? != kind.aggregate_type().as_str().as_bytes() {
            histories.doubt();
        }
        if let Some(status) = kind.payment_status() {
            match Said::read(value).filter(|said| said.status == status) {
                // No finer time than a row can keep.
                Some(said) if said.paid_at.is_none_or(|at| at.timestamp_subsec_nanos() % 1000 == 0) => {
                    told.constant = said.unchanging().hashed(self.seed);
                    told.paid_at = said.paid_at.map(|at| at.timestamp_micros());
                }
                _ => histories.doubt(),
            }
        }
        histories.see(told);
        Ok(())
    }
}

impl Events {
    /// Goes on with what was read behind all of this.
    pub(super) fn join(&mut self, later: Self) {
        self.histories.join(later.histories);
        self.count += later.count;
        self.is_forged |= later.is_forged;
        for (topic, partition, place) in later.places.all() {
            self.places.see(topic, partition, |here| {
                here.numbers = here.numbers.plus(place.numbers);
                here.ids = here.ids.plus(place.ids);
                here.aggregates = here.aggregates.plus(place.aggregates);
            });
        }
        for (kind, of_kind) in later.kinds {
            let here = self.kinds.entry(kind).or_default();
            here.ids = here.ids.plus(of_kind.ids);
            here.pairs = here.pairs.plus(of_kind.pairs);
        }
    }
}

impl Places {
    fn see(&mut self, topic: &str, partition: i64, change: impl FnOnce(&mut Place)) {
        if let Some((.., place)) = self.0.iter_mut().find(|(name, number, _)| *number == partition && name == topic) {
            return change(place);
        }
        let mut place = Place::default();
        change(&mut place);
        self.0.push((topic.to_owned(), partition, place));
    }

    /// Every partition.
    pub(super) fn all(&self) -> impl Iterator<Item = (&str, i64, Place)> {
        self.0.iter().map(|(topic, partition, place)| (topic.as_str(), *partition, *place))
    }

    /// What lies in one of them.
    pub(super) fn of(&self, topic: &str, partition: i64) -> Place {
        self.all().find(|(name, number, _)| *number == partition && *name == topic).map(|(.., place)| place).unwrap_or_default()
    }
}

/// Whether the headers say of the value what I10 asks for.
fn has_digest(finder: &Finder<'_>, headers: &[u8], value: &[u8]) -> bool {
    let mut digits = [0; DIGITS];
    if hex::encode_to_slice(Sha256::digest(value), &mut digits).is_err() {
        return false;
    }
    finder.find_iter(headers).any(|at| {
        let said = headers.get(at + DIGEST.len()..).and_then(|rest| rest.strip_prefix(&digits));
        said.is_some_and(|rest| rest.first() == Some(&b'"'))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::sha256_hex;

    #[test]
    fn a_digest_is_found_where_it_stands_and_nowhere_else() {
        let finder = Finder::new(DIGEST);
        let has = |headers: String| has_digest(&finder, headers.as_bytes(), b"value");
        let digest = sha256_hex(b"value");
        assert!(has(format!("{{\"a\":\"b\",\"sha256\":\"{digest}\",\"c\":\"d\"}}")));
        assert!(has(format!("{{\"sha256\":\"0\",\"sha256\":\"{digest}\"}}")));
        for other in
            [format!("{{\"sha256\":\"{digest}"), format!("{{\"sha257\":\"{digest}\"}}"), digest.replacen(['a', 'b'], "c", 1), String::new()]
        {
            assert!(!has(other));
        }
    }
}
