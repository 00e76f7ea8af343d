//! What groups have marked, what is noted as published, and the few events that need not have a mark: those behind a group, and
//! those among its dead letters.

use std::collections::{BTreeMap, BTreeSet};

use crate::event::EventKind;
use crate::services::Service;
use crate::store::{StoreError, Tx};

use super::adding::{Adding, Groups};
use super::counters::Counted;
use super::events::{Events, Place, Places};
use super::sum::{Sum, weight_of_day};

/// What is known of groups and places.
#[derive(Debug, Default)]
pub(super) struct Marks {
    /// Group, topic and partition of each offset.
    offsets: Vec<(String, String, i64)>,
    /// By group: the ids that it has marked, weighed by the day of the mark.
    inbox: BTreeMap<String, Sum>,
    /// By group: the aggregates that it has marked, each as often as it has versions.
    versions: BTreeMap<String, Sum>,
    /// By group: what need not have a mark and has none, ids or aggregates, whichever it marks.
    excused: BTreeMap<String, Sum>,
    /// Successes among what accounting has not come to or has set aside: event and payment together.
    unbooked: Sum,
    /// By merchant, day and currency: what analytics has not come to or has set aside.
    uncounted: BTreeMap<Vec<String>, Counted>,
    /// By topic and partition: the numbers that are published or wait for it. `None` where committing is publishing.
    published: Option<Vec<(String, i64, Sum)>>,
}

const OFFSETS: &str = "SELECT grp, topic, partition FROM consumer_offsets";
const INBOX: Adding = Adding { by: &["grp", "event_day"], hashes: &["uuid_hash_extended(event_id, $1)"], from: "inbox" };
const VERSIONS: Adding = Adding { by: &["grp", "version"], hashes: &["hashtextextended(aggregate_id, $1)"], from: "applied_version" };
const PUBLISHED: Adding = Adding { by: &["topic", "partition"], hashes: &["hashint8extended(seq, $1)"], from: "published" };
const WAITING: Adding = Adding {
    by: &["x.topic", "x.partition"],
    hashes: &["hashint8extended(x.seq, $1)"],
    from: "(SELECT e.topic, e.partition, e.seq FROM outbox o JOIN events e ON e.seq = o.seq \
        WHERE o.kind = 'event' AND NOT EXISTS (SELECT 1 FROM published p WHERE p.seq = o.seq)) AS x",
};

/// Which events a group need not have dealt with: what lies behind it, what has no place yet, what it has set aside. The last is
/// expected of neither books nor counters, marked (as what is discarded is) or not.
macro_rules! excused {
    ($late:literal) => {
        Adding {
            by: &["x.grp", "x.event_type", "x.standing", "x.event_day", "x.merchant_id", "x.date", "x.currency"],
            hashes: &[
                "uuid_hash_extended(x.event_id, $1)",
                "hashtextextended(x.aggregate_id, $1)",
                "hashtextextended(x.aggregate_id, uuid_hash_extended(x.event_id, $1))",
                "x.amount",
            ],
            from: concat!(
                "(WITH late (grp, seq, is_aside) AS (SELECT every.grp, every.seq, max(every.is_aside) FROM (",
                $late,
                " UNION ALL SELECT d.grp, e.seq, 1 FROM dlq d JOIN events e ON e.event_id = d.event_id WHERE d.state <> 'resolved') \
                 AS every GROUP BY every.grp, every.seq) \
                 SELECT l.grp, e.event_type, e.event_id, e.aggregate_id, \
                   CASE WHEN a.grp IS NULL AND i.grp IS NULL THEN 'unmarked' \
                     WHEN EXISTS (SELECT 1 FROM transactions t WHERE t.source_event_id = e.event_id) THEN 'booked' \
                     ELSE 'marked' END AS standing, \
                   substr(e.headers, instr(e.headers, '\"timestamp\":\"') + 13, 10) AS event_day, \
                   coalesce(CAST(p.merchant_id AS TEXT), '') AS merchant_id, \
                   coalesce(substr(p.created_at, 1, 10), '') AS date, coalesce(p.currency, '') AS currency, p.amount \
                 FROM late l JOIN events e ON e.seq = l.seq \
                 JOIN consumer_offsets o ON o.grp = l.grp AND o.topic = e.topic AND o.partition = e.partition \
                 LEFT JOIN applied_version a ON a.grp = l.grp AND a.aggregate_id = e.aggregate_id AND a.version >= e.aggregate_version \
                 LEFT JOIN inbox i ON i.grp = l.grp AND i.event_id = e.event_id \
                   AND i.event_day = substr(e.headers, instr(e.headers, '\"timestamp\":\"') + 13, 10) \
                 LEFT JOIN payments p ON p.payment_no = e.aggregate_id \
                 WHERE l.is_aside = 1 OR (a.grp IS NULL AND i.grp IS NULL)) AS x"
            ),
        }
    };
}

const EXCUSED_EMBEDDED: Adding = excused!(
    "SELECT o.grp, e.seq, 0 AS is_aside FROM consumer_offsets o CROSS JOIN events e \
     WHERE e.topic = o.topic AND e.partition = o.partition AND e.seq >= o.next_offset"
);
const EXCUSED_SERVER: Adding = excused!(
    "SELECT o.grp, p.seq, 0 AS is_aside FROM consumer_offsets o \
     JOIN published p ON p.topic = o.topic AND p.partition = o.partition AND p.log_offset >= o.next_offset \
     UNION ALL SELECT o.grp, p.seq, 0 FROM consumer_offsets o \
     JOIN published p ON p.topic = o.topic AND p.partition = o.partition AND p.log_offset IS NULL \
     UNION ALL SELECT o.grp, w.seq, 0 FROM consumer_offsets o JOIN outbox w ON w.topic = o.topic AND w.kind = 'event' \
     AND NOT EXISTS (SELECT 1 FROM published p WHERE p.seq = w.seq)"
);

impl Marks {
    pub(super) async fn read(tx: &mut Tx, seed: i64) -> Result<Self, StoreError> {
        let mut marks = Self::default();
        for row in tx.query(OFFSETS, &[]).await? {
            marks.offsets.push((row.get(0)?, row.get(1)?, row.get(2)?));
        }
        for (by, sums) in INBOX.up(tx, seed).await? {
            let ([group, day], [sum]) = (by.as_slice(), sums.as_slice()) else { continue };
            let of_group = marks.inbox.entry(group.clone()).or_default();
            *of_group = of_group.plus(sum.weighed(weight_of_day(seed, day.as_bytes())));
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
            if let ([group, kind, standing, day, by @ ..], [ids, aggregates, pairs, amounts]) = (by.as_slice(), sums.as_slice())
                && let Some(kind) = EventKind::parse(kind)
            {
                if standing == "unmarked" {
                    self.excuse_events(group, [ids.weighed(weight_of_day(seed, day.as_bytes())), *aggregates]);
                }
                match service_of(group) {
                    Some(Service::Accounting) if kind == EventKind::PaymentSuccess && standing != "booked" => {
                        self.unbooked = self.unbooked.plus(*pairs);
                    }
                    Some(Service::Analytics) => self.uncounted.entry(by.to_vec()).or_default().see(kind, *amounts),
                    _ => {}
                }
            }
        }
        Ok(())
    }

    fn excuse_events(&mut self, group: &str, [ids, aggregates]: [Sum; 2]) {
        let sum = if is_ordered(group) { aggregates } else { ids };
        let of_group = self.excused.entry(group.to_owned()).or_default();
        *of_group = of_group.plus(sum);
    }

    /// Whether each group has marked exactly the events that it had to (I13).
    pub(super) fn are_complete(&self, places: &Places) -> bool {
        let groups: BTreeSet<&str> = self.offsets.iter().map(|(group, ..)| group.as_str()).collect();
        let of = |sums: &BTreeMap<String, Sum>, group: &str| sums.get(group).copied().unwrap_or_default();
        groups.into_iter().all(|group| {
            let is_ordered = is_ordered(group);
            let read = self.offsets.iter().filter(|(of, ..)| of == group).map(|(_, topic, partition)| places.of(topic, *partition));
            let lying: Sum = read.map(|place: Place| if is_ordered { place.aggregates } else { place.ids }).sum();
            let marked = of(if is_ordered { &self.versions } else { &self.inbox }, group);
            // Versions are counted, not named: those of a partition without an offset could stand for others.
            (!is_ordered || self.has_come_everywhere(group, places)) && lying.minus(of(&self.excused, group)) == marked
        })
    }

    /// Whether analytics has: a counter says nothing of which partitions it counts.
    pub(super) fn has_analytics_come_everywhere(&self, places: &Places) -> bool {
        Service::Analytics.group().is_some_and(|group| self.has_come_everywhere(&group, places))
    }

    /// Whether the group has an offset in every partition in which events lie for it.
    fn has_come_everywhere(&self, group: &str, places: &Places) -> bool {
        let has_offset = |topic: &str, partition: i64| {
            self.offsets.iter().any(|(of, name, number)| of == group && name == topic && *number == partition)
        };
        places.all().all(|(topic, partition, _)| !reads(group, topic) || has_offset(topic, partition))
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
            let written = |(topic, _, place): (&str, i64, Place)| if reads(group, topic) { place.numbers.count } else { 0 };
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

/// The service whose group has exactly this name, as the queries have it.
fn service_of(group: &str) -> Option<Service> {
    Service::of_group(group).filter(|service| service.group().is_some_and(|name| name == group))
}

fn is_ordered(group: &str) -> bool {
    service_of(group).is_some_and(Service::is_ordered)
}

fn reads(group: &str, topic: &str) -> bool {
    service_of(group).is_some_and(|service| service.topics().iter().any(|of| of.name() == topic))
}

/// A number of which a group was made; what is none has no place in anything.
fn number(text: &str) -> i64 {
    text.parse().unwrap_or(-1)
}
