//! What groups have marked, what is noted as published, and the few events that need not have a mark: those behind a group, and
//! those among its dead letters.

use std::collections::{BTreeMap, BTreeSet};

use crate::event::EventKind;
use crate::services::Service;
use crate::store::{StoreError, Tx};

use super::adding::{Adding, Groups};
use super::counters::Counted;
use super::events::{Events, Place, Places};
use super::sum::Sum;

/// What is known of groups and places.
#[derive(Debug, Default)]
pub(super) struct Marks {
    /// Group, topic and partition of each offset.
    offsets: Vec<(String, String, i64)>,
    /// By group: the ids that it has marked.
    inbox: BTreeMap<String, Sum>,
    /// By group: the aggregates that it has marked, each as often as it has versions.
    versions: BTreeMap<String, Sum>,
    /// By group: what need not have a mark and has none, ids or aggregates, whichever it marks.
    excused: BTreeMap<String, Sum>,
    /// Successes among what accounting has left out: event and payment together.
    unbooked: Sum,
    /// By merchant, day and currency: what analytics has left out of its counters.
    uncounted: BTreeMap<Vec<String>, Counted>,
    /// By topic and partition: the numbers that are published or wait for it. `None` where committing is publishing.
    published: Option<Vec<(String, i64, Sum)>>,
}

const OFFSETS: &str = "SELECT grp, topic, partition FROM consumer_offsets";
const INBOX: Adding = Adding { by: &["grp"], hashes: &["uuid_hash_extended(event_id, $1)"], from: "inbox" };
const VERSIONS: Adding = Adding { by: &["grp", "version"], hashes: &["hashtextextended(aggregate_id, $1)"], from: "applied_version" };
const PUBLISHED: Adding = Adding { by: &["topic", "partition"], hashes: &["hashint8extended(seq, $1)"], from: "published" };
const WAITING: Adding = Adding {
    by: &["x.topic", "x.partition"],
    hashes: &["hashint8extended(x.seq, $1)"],
    from: "(SELECT e.topic, e.partition, e.seq FROM outbox o JOIN events e ON e.seq = o.seq \
        WHERE NOT EXISTS (SELECT 1 FROM published p WHERE p.seq = o.seq)) AS x",
};

/// Which events a group need not have marked: what lies behind it, what has no place yet, what it has parked.
macro_rules! excused {
    ($late:literal) => {
        Adding {
            by: &["x.grp", "x.event_type", "x.merchant_id", "x.date", "x.currency"],
            hashes: &[
                "uuid_hash_extended(x.event_id, $1)",
                "hashtextextended(x.aggregate_id, $1)",
                "hashtextextended(x.aggregate_id, uuid_hash_extended(x.event_id, $1))",
                "x.amount",
            ],
            from: concat!(
                "(WITH late (grp, seq) AS (",
                $late,
                " UNION SELECT d.grp, e.seq FROM dlq d JOIN events e ON e.event_id = d.event_id) \
                 SELECT l.grp, e.event_type, e.event_id, e.aggregate_id, coalesce(CAST(p.merchant_id AS TEXT), '') AS merchant_id, \
                   coalesce(substr(p.created_at, 1, 10), '') AS date, coalesce(p.currency, '') AS currency, p.amount \
                 FROM late l JOIN events e ON e.seq = l.seq \
                 JOIN consumer_offsets o ON o.grp = l.grp AND o.topic = e.topic AND o.partition = e.partition \
                 LEFT JOIN applied_version a ON a.grp = l.grp AND a.aggregate_id = e.aggregate_id AND a.version >= e.aggregate_version \
                 LEFT JOIN inbox i ON i.grp = l.grp AND i.event_id = e.event_id \
                   AND i.event_day = substr(e.headers, instr(e.headers, '\"timestamp\":\"') + 13, 10) \
                 LEFT JOIN payments p ON p.payment_no = e.aggregate_id \
                 WHERE a.grp IS NULL AND i.grp IS NULL) AS x"
            ),
        }
    };
}

const EXCUSED_EMBEDDED: Adding = excused!(
    "SELECT o.grp, e.seq FROM consumer_offsets o CROSS JOIN events e \
     WHERE e.topic = o.topic AND e.partition = o.partition AND e.seq >= o.next_offset"
);
const EXCUSED_SERVER: Adding = excused!(
    "SELECT o.grp, p.seq FROM consumer_offsets o \
     JOIN published p ON p.topic = o.topic AND p.partition = o.partition AND p.log_offset >= o.next_offset \
     UNION SELECT o.grp, p.seq FROM consumer_offsets o \
     JOIN published p ON p.topic = o.topic AND p.partition = o.partition AND p.log_offset IS NULL \
     UNION SELECT o.grp, w.seq FROM consumer_offsets o JOIN outbox w ON w.topic = o.topic"
);

impl Marks {
    pub(super) async fn read(tx: &mut Tx, seed: i64) -> Result<Self, StoreError> {
        let mut marks = Self::default();
        for row in tx.query(OFFSETS, &[]).await? {
            marks.offsets.push((row.get(0)?, row.get(1)?, row.get(2)?));
        }
        for (by, sums) in INBOX.up(tx, seed).await? {
            marks.inbox.extend(by.into_iter().zip(sums));
        }
        for (by, sums) in VERSIONS.up(tx, seed).await? {
            let ([group, version], [sum]) = (by.as_slice(), sums.as_slice()) else { continue };
            let of_group = marks.versions.entry(group.clone()).or_default();
            *of_group = of_group.plus(sum.times(number(version)));
        }
        if tx.has_outbox() {
            marks.published = Some(Vec::new());
            marks.place(PUBLISHED.up(tx, seed).await?);
        }
        Ok(marks)
    }

    fn place(&mut self, groups: Groups) {
        for (by, sums) in groups {
            if let (Some(published), [topic, partition], [sum]) = (&mut self.published, by.as_slice(), sums.as_slice()) {
                published.push((topic.clone(), number(partition), *sum));
            }
        }
    }

    /// What waits to be published, and who need not have marked what; a look-up for each of a few.
    pub(super) async fn look_up(&mut self, tx: &mut Tx, seed: i64) -> Result<(), StoreError> {
        let adding = if tx.has_outbox() {
            self.place(WAITING.up(tx, seed).await?);
            EXCUSED_SERVER
        } else {
            EXCUSED_EMBEDDED
        };
        for (by, sums) in adding.up(tx, seed).await? {
            // What is of no known type is expected of nobody.
            if let ([group, kind, by @ ..], [ids, aggregates, pairs, amounts]) = (by.as_slice(), sums.as_slice())
                && let Some(kind) = EventKind::parse(kind)
            {
                self.excuse_events(group, [*ids, *aggregates]);
                match Service::of_group(group) {
                    Some(Service::Accounting) if kind == EventKind::PaymentSuccess => self.unbooked = self.unbooked.plus(*pairs),
                    Some(Service::Analytics) => self.uncounted.entry(by.to_vec()).or_default().see(kind, *amounts),
                    _ => {}
                }
            }
        }
        Ok(())
    }

    fn excuse_events(&mut self, group: &str, [ids, aggregates]: [Sum; 2]) {
        let sum = if Service::is_ordered_group(group) { aggregates } else { ids };
        let of_group = self.excused.entry(group.to_owned()).or_default();
        *of_group = of_group.plus(sum);
    }

    /// Whether each group has marked exactly the events that it had to (I13).
    pub(super) fn are_complete(&self, places: &Places) -> bool {
        let groups: BTreeSet<&str> = self.offsets.iter().map(|(group, ..)| group.as_str()).collect();
        let of = |sums: &BTreeMap<String, Sum>, group: &str| sums.get(group).copied().unwrap_or_default();
        groups.into_iter().all(|group| {
            let is_ordered = Service::is_ordered_group(group);
            let read = self.offsets.iter().filter(|(of, ..)| of == group).map(|(_, topic, partition)| places.of(topic, *partition));
            let lying: Sum = read.map(|place: Place| if is_ordered { place.aggregates } else { place.ids }).sum();
            let marked = of(if is_ordered { &self.versions } else { &self.inbox }, group);
            lying.minus(of(&self.excused, group)) == marked
        })
    }

    /// The successes that accounting has not come to or has parked.
    pub(super) const fn unbooked(&self) -> Sum {
        self.unbooked
    }

    /// What analytics has not come to or has parked, by merchant, day and currency.
    pub(super) const fn uncounted(&self) -> &BTreeMap<Vec<String>, Counted> {
        &self.uncounted
    }

    /// Whether no group has more marks than its topics have events (I18).
    pub(super) fn are_once(&self, places: &Places) -> bool {
        self.inbox.iter().all(|(group, marks)| {
            let topics = Service::of_group(group).map(Service::topics).unwrap_or_default();
            let written =
                |(topic, _, place): (&str, i64, Place)| if topics.iter().any(|of| of.name() == topic) { place.numbers.count } else { 0 };
            marks.count <= places.all().map(written).sum()
        })
    }

    /// How many marks there are.
    pub(super) fn count(&self) -> i64 {
        self.inbox.values().map(|sum| sum.count).sum()
    }

    /// Whether every event is published, or waits for it, in the partition that it names (I9).
    pub(super) fn are_published(&self, events: &Events) -> bool {
        let Some(published) = &self.published else { return true };
        events.places.all().all(|(topic, partition, place)| {
            let noted = published.iter().filter(|(of, number, _)| of == topic && *number == partition).map(|(.., sum)| *sum);
            noted.sum::<Sum>() == place.numbers
        })
    }
}

/// A number of which a group was made; what is none has no place in anything.
fn number(text: &str) -> i64 {
    text.parse().unwrap_or(-1)
}
