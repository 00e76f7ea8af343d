use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::json;

use crate::config::Ambient;
use crate::domain::Timestamp;
use crate::event::{NewEvent, Topic, TopicPartition};
use crate::log::{Bounds, LogError, Standing};
use crate::ops::group::{self, Members};
use crate::ops::{OpsError, Reader, Report, Table};
use crate::services::Service;
use crate::store::{CONSOLE, Class, StoreError, Tx, audit_event};

/// Where a group is to go on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ResetTo {
    /// At the first record that is still there.
    Start,
    /// Behind the last record: what lies there is left out.
    End,
    /// At this offset.
    Offset(i64),
}

/// What an operator wants.
#[derive(Debug, Clone)]
pub struct Reset {
    /// Whose group.
    pub service: Service,
    /// On which of its topics.
    pub topic: Topic,
    /// Only in this partition.
    pub partition: Option<u16>,
    /// Where it is to go on.
    pub to: ResetTo,
    /// Why; kept in the audit trail.
    pub reason: String,
}

/// What is, or was, to be done.
#[derive(Debug, Clone, Serialize)]
pub struct ResetPlan {
    /// The group's short name.
    pub group: &'static str,
    /// The topic.
    pub topic: &'static str,
    /// By number.
    pub partitions: Vec<ResetPartition>,
    /// Members that are alive; the group must have none.
    pub members: usize,
    /// Whether it was done.
    pub executed: bool,
}

/// One partition of it.
#[derive(Debug, Clone, Serialize)]
pub struct ResetPartition {
    /// Which.
    pub partition: u16,
    /// Where the group stands; `None` where it has never read.
    pub from: Option<i64>,
    /// Where it will go on.
    pub to: i64,
    /// Where the log begins.
    pub start: i64,
    /// Where the log ends.
    pub end: i64,
    /// Why the group does not read on by itself, where the log is not the one that it has read.
    pub refused: Option<String>,
}

impl Reset {
    /// The group's full name, where it reads the topic.
    fn group(&self) -> Result<String, OpsError> {
        let name = self.service.group().filter(|_| self.service.topics().contains(&self.topic));
        self.topic.has_partition(self.partition).map_err(OpsError::Usage)?;
        name.ok_or_else(|| OpsError::Usage(format!("{} does not read {}", self.service.name(), self.topic)))
    }

    fn partitions(&self) -> Vec<TopicPartition> {
        self.topic.all_partitions().filter(|at| self.partition.is_none_or(|wanted| at.partition == wanted)).collect()
    }

    fn target(&self, at: TopicPartition, bounds: Bounds) -> Result<i64, OpsError> {
        match self.to {
            ResetTo::Start => Ok(bounds.start),
            ResetTo::End => Ok(bounds.end),
            ResetTo::Offset(offset) if (bounds.start..=bounds.end).contains(&offset) => Ok(offset),
            ResetTo::Offset(offset) => {
                Err(OpsError::Usage(format!("{at} has offsets from {} to {}, not {offset}", bounds.start, bounds.end)))
            }
        }
    }
}

/// What setting the group elsewhere would do; changes nothing.
pub async fn plan(reader: &Reader, wanted: &Reset) -> Result<ResetPlan, OpsError> {
    let group = wanted.group()?;
    let (name, topic) = (group.clone(), wanted.topic);
    let (standings, members) = reader
        .store
        .read(async move |tx: &mut Tx| Ok::<_, StoreError>((standings(tx, &name, topic).await?, alive(tx, &name).await?)))
        .await?;
    let bounds = reader.bounds(wanted.topic).await?;
    let known: Vec<Standing> = wanted.partitions().iter().filter_map(|at| standings.get(at).cloned()).collect();
    let mut verdicts: BTreeMap<TopicPartition, Result<i64, LogError>> = BTreeMap::new();
    if !known.is_empty() {
        verdicts.extend(reader.log.check(&group, known).await?);
    }
    let mut partitions = Vec::new();
    for at in wanted.partitions() {
        let bounds = bounds.get(&at.partition).copied().ok_or_else(|| LogError::Broker(format!("{at} is not in the log")))?;
        let refused = match verdicts.get(&at) {
            Some(Err(LogError::Refused(reason))) => Some(reason.clone()),
            _ => None,
        };
        partitions.push(ResetPartition {
            partition: at.partition,
            from: standings.get(&at).map(|standing| standing.next_offset),
            to: wanted.target(at, bounds)?,
            start: bounds.start,
            end: bounds.end,
            refused,
        });
    }
    Ok(ResetPlan { group: wanted.service.name(), topic: wanted.topic.name(), partitions, members, executed: false })
}

/// Sets the group to where the plan says, with a record in the audit trail; refused while a member is alive.
pub async fn execute(reader: &Reader, wanted: &Reset) -> Result<ResetPlan, OpsError> {
    let mut planned = plan(reader, wanted).await?;
    let (group, topic, ambient) = (wanted.group()?, wanted.topic, reader.ambient.clone());
    let (reason, service, rows) = (wanted.reason.clone(), wanted.service, planned.partitions.clone());
    reader
        .store
        .write(Class::Background, async move |tx: &mut Tx| {
            // Looked at again here: a member may have come since the plan was made.
            if alive(tx, &group).await? > 0 {
                return Err(OpsError::Refused(format!("{} has a living member; stop its processes first", service.name())));
            }
            for row in &rows {
                set(tx, &group, topic, row).await?;
            }
            let event = audit(tx.now(), &ambient, &format!("{group}/{topic}"), &rows, &reason);
            Ok(tx.publish(&[event]).await?)
        })
        .await?;
    planned.executed = true;
    Ok(planned)
}

async fn set(tx: &mut Tx, group: &str, topic: Topic, row: &ResetPartition) -> Result<(), StoreError> {
    let now = tx.now();
    tx.execute(
        "INSERT INTO consumer_offsets (grp, topic, partition, next_offset, epoch, updated_at) VALUES ($1, $2, $3, $4, 1, $5) \
         ON CONFLICT (grp, topic, partition) DO UPDATE SET next_offset = excluded.next_offset, epoch = consumer_offsets.epoch + 1, \
         cluster_id = NULL, last_event_id = NULL, updated_at = excluded.updated_at",
        &[group.into(), topic.name().into(), row.partition.into(), row.to.into(), now.into()],
    )
    .await?;
    if row.refused.is_some() {
        // What was noted of the offsets of another log says nothing of those of this one.
        tx.execute(
            "DELETE FROM consumer_batches WHERE grp = $1 AND topic = $2 AND partition = $3",
            &[group.into(), topic.name().into(), row.partition.into()],
        )
        .await?;
    }
    Ok(())
}

fn audit(now: Timestamp, ambient: &Ambient, target: &str, rows: &[ResetPartition], reason: &str) -> NewEvent {
    let offsets = |offset: fn(&ResetPartition) -> Option<i64>| {
        let places = rows.iter().map(|row| json!({ "partition": row.partition, "next_offset": offset(row) }));
        json!(places.collect::<Vec<_>>())
    };
    let (before, after) = (offsets(|row| row.from), offsets(|row| Some(row.to)));
    audit_event((now, ambient), ("group.reset_offsets", target), (CONSOLE, reason), (before, after))
}

async fn alive(tx: &mut Tx, group: &str) -> Result<usize, StoreError> {
    let now = tx.now();
    let members: BTreeMap<String, Members> = group::members(tx).await?;
    Ok(members.get(group).map_or(0, |members| members.alive(now)))
}

async fn standings(tx: &mut Tx, group: &str, topic: Topic) -> Result<BTreeMap<TopicPartition, Standing>, StoreError> {
    let rows = tx
        .query(
            "SELECT partition, next_offset, last_event_id, cluster_id FROM consumer_offsets WHERE grp = $1 AND topic = $2",
            &[group.into(), topic.name().into()],
        )
        .await?;
    let standing = |row: &crate::store::Row| {
        let partition = u16::try_from(row.get::<i64>(0)?).map_err(|_| StoreError::Column(0))?;
        let at = TopicPartition { topic, partition };
        Ok((at, Standing { at, next_offset: row.get(1)?, last_event_id: row.get(2)?, cluster_id: row.get(3)? }))
    };
    rows.iter().map(standing).collect()
}

impl Report for ResetPlan {
    const LISTS: &'static [&'static str] = &["partitions"];

    fn tables(&self) -> Vec<Table> {
        let mut table = Table::new(&["GROUP", "TOPIC", ">P", ">FROM", ">TO", "?>START", "?>END", "NOTE"]);
        for row in &self.partitions {
            let note = match (&row.refused, row.from) {
                (Some(_), _) => "the log is not the one it has read".to_owned(),
                (None, Some(from)) if from < row.to => format!("leaves {} records out", row.to - from),
                (None, Some(from)) if from > row.to => format!("reads {} records again", from - row.to),
                _ => String::new(),
            };
            table.push([
                self.group.to_owned(),
                self.topic.to_owned(),
                row.partition.to_string(),
                row.from.map_or_else(|| "-".to_owned(), |from| from.to_string()),
                row.to.to_string(),
                row.start.to_string(),
                row.end.to_string(),
                note,
            ]);
        }
        table.notes.push(match (self.executed, self.members) {
            (true, _) => "done, and written to audit.logs; the group goes on there when it is started".to_owned(),
            (false, 0) => "nothing was changed; what the group has applied it will skip when it reads it again".to_owned(),
            (false, members) => format!("nothing was changed; {members} living members must be stopped first"),
        });
        vec![table]
    }
}
