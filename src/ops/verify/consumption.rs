use serde::Serialize;

use crate::domain::Timestamp;
use crate::event::EventKind;
use crate::ops::{OpsError, Reader, Report, Table, short_group};
use crate::services::Service;
use crate::store::{Row, StoreError, Tx};

/// What became of each event of a group's topics, by partition.
#[derive(Debug, Clone, Serialize)]
pub struct Consumption {
    /// The moment of the snapshot.
    pub at: Timestamp,
    /// By group, topic and partition.
    pub partitions: Vec<Consumed>,
}

/// A group's account of one partition, in events: delivered = applied + parked + discarded + ignored + skipped.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Consumed {
    /// Its short name.
    pub group: String,
    /// Which topic.
    pub topic: String,
    /// Which partition.
    pub partition: i64,
    /// Where the group goes on.
    pub next_offset: i64,
    /// Events that lie before that.
    pub delivered: i64,
    /// Those whose effect is there.
    pub applied: i64,
    /// Those among the dead letters, held ones too.
    pub parked: i64,
    /// Those that an operator gave up.
    pub discarded: i64,
    /// Those of a type that this version does not know.
    pub ignored: i64,
    /// Those of which nothing is known: each is a violation of I13.
    pub skipped: i64,
    /// Events behind the group, as far as their places are noted.
    pub lag: i64,
}

impl Consumption {
    /// Whether an event was skipped.
    pub fn is_broken(&self) -> bool {
        self.partitions.iter().any(|partition| partition.skipped > 0)
    }
}

/// Accounts for every event of each group's topics, or of one group's.
pub async fn consumption(reader: &Reader, only: Option<Service>) -> Result<Consumption, OpsError> {
    let services: Vec<Service> =
        Service::ALL.iter().copied().filter(|service| service.group().is_some() && only.is_none_or(|only| only == *service)).collect();
    Ok(reader
        .store
        .read::<_, StoreError, _>(async move |tx: &mut Tx| {
            let mut partitions = Vec::new();
            for service in &services {
                let rows = tx.query(&sql(*service), &[service.group().unwrap_or_default().into()]).await?;
                partitions.extend(rows.iter().map(consumed).collect::<Result<Vec<_>, _>>()?);
            }
            Ok(Consumption { at: tx.now(), partitions })
        })
        .await?)
}

fn sql(service: Service) -> String {
    let known = EventKind::ALL.iter().map(|kind| format!("'{kind}'")).collect::<Vec<_>>().join(", ");
    // As I13 has it: an ordered group marks versions, any other the event under the day that it names.
    let mark = if service.is_ordered() {
        "EXISTS (SELECT 1 FROM applied_version a WHERE a.grp = o.grp AND a.aggregate_id = e.aggregate_id AND a.version >= e.aggregate_version)"
    } else {
        "EXISTS (SELECT 1 FROM inbox i WHERE i.grp = o.grp AND i.event_id = e.event_id AND i.event_day IN \
         (substr(e.created_at, 1, 10), substr(e.headers, instr(e.headers, '\"timestamp\":\"') + 13, 10)))"
    };
    format!(
        "WITH told AS ( \
           SELECT o.grp, o.topic, o.partition, o.next_offset, CASE \
             WHEN l.log_offset >= o.next_offset THEN 'lag' \
             WHEN d.state IN ('failed', 'blocked', 'replaying') THEN 'parked' \
             WHEN d.state = 'discarded' THEN 'discarded' \
             WHEN {mark} THEN 'applied' \
             WHEN d.state IS NOT NULL THEN 'applied' \
             WHEN e.event_type NOT IN ({known}) THEN 'ignored' ELSE 'skipped' END AS outcome \
           FROM consumer_offsets o \
           JOIN event_places l ON l.topic = o.topic AND l.partition = o.partition \
           JOIN events e ON e.seq = l.seq \
           LEFT JOIN dlq d ON d.grp = o.grp AND d.event_id = e.event_id \
           WHERE o.grp = $1) \
         SELECT grp, topic, partition, next_offset, count(CASE WHEN outcome <> 'lag' THEN 1 END), \
           count(CASE WHEN outcome = 'applied' THEN 1 END), count(CASE WHEN outcome = 'parked' THEN 1 END), \
           count(CASE WHEN outcome = 'discarded' THEN 1 END), count(CASE WHEN outcome = 'ignored' THEN 1 END), \
           count(CASE WHEN outcome = 'skipped' THEN 1 END), count(CASE WHEN outcome = 'lag' THEN 1 END) \
         FROM told GROUP BY grp, topic, partition, next_offset ORDER BY grp, topic, partition"
    )
}

fn consumed(row: &Row) -> Result<Consumed, StoreError> {
    Ok(Consumed {
        group: short_group(&row.get::<String>(0)?).to_owned(),
        topic: row.get(1)?,
        partition: row.get(2)?,
        next_offset: row.get(3)?,
        delivered: row.get(4)?,
        applied: row.get(5)?,
        parked: row.get(6)?,
        discarded: row.get(7)?,
        ignored: row.get(8)?,
        skipped: row.get(9)?,
        lag: row.get(10)?,
    })
}

impl Report for Consumption {
    const LISTS: &'static [&'static str] = &["partitions"];

    fn tables(&self) -> Vec<Table> {
        let headers =
            ["GROUP", "TOPIC", ">P", "??>NEXT", ">DELIVERED", ">APPLIED", ">PARKED", "?>DISCARDED", "?>IGNORED", ">SKIPPED", "??>LAG"];
        let mut table = Table::new(&headers);
        for row in &self.partitions {
            let numbers = [row.next_offset, row.delivered, row.applied, row.parked, row.discarded, row.ignored, row.skipped, row.lag];
            let words = [row.group.clone(), row.topic.clone(), row.partition.to_string()];
            table.push(words.into_iter().chain(numbers.map(|number| number.to_string())));
        }
        let sum = |figure: fn(&Consumed) -> i64| self.partitions.iter().map(figure).sum::<i64>();
        table.notes.push(format!(
            "delivered {} = applied {} + parked {} + discarded {} + ignored {} + skipped {}; one snapshot of the database",
            sum(|row| row.delivered),
            sum(|row| row.applied),
            sum(|row| row.parked),
            sum(|row| row.discarded),
            sum(|row| row.ignored),
            sum(|row| row.skipped)
        ));
        if self.is_broken() {
            table.notes.push("! skipped events, one by one: payctl verify --id I13".to_owned());
        }
        vec![table]
    }
}
