use std::collections::BTreeMap;

use crate::domain::Timestamp;
use crate::event::{Topic, TopicPartition};
use crate::store::{StoreError, Tx};

use super::span::{millis_between, short_span};

/// A member that was seen this recently is alive; it says so once a second.
pub(super) const ALIVE_MS: i64 = 3000;
/// How long a living group may take before what it has not done is missing rather than on its way.
pub(super) const GRACE_MS: i64 = 5000;
/// How long the others may take to get what a silent member had: it is forgotten afterwards.
const LEAVING_MS: i64 = 30_000;
/// How long a new member may take to get partitions: twice what a group needs to notice that an old one is silent.
const JOINING_MS: i64 = 20_000;

/// Where a group stands in a partition.
#[derive(Debug, Clone, Copy)]
pub(super) struct Commit {
    pub(super) next_offset: i64,
    pub(super) updated_at: Timestamp,
}

/// The members of one group.
#[derive(Debug, Clone, Default)]
pub(super) struct Members(Vec<Member>);

/// One process of a group.
#[derive(Debug, Clone)]
pub(super) struct Member {
    pub(super) name: String,
    pub(super) state: String,
    pub(super) reason: Option<String>,
    pub(super) started_at: Timestamp,
    pub(super) seen_at: Timestamp,
}

impl Member {
    pub(super) fn is_alive(&self, now: Timestamp) -> bool {
        millis_between(self.seen_at, now) <= ALIVE_MS
    }
}

impl Members {
    pub(super) fn alive(&self, now: Timestamp) -> usize {
        self.living(now).count()
    }

    pub(super) fn last_seen(&self) -> Option<Timestamp> {
        self.0.iter().map(|member| member.seen_at).max()
    }

    /// What a living member says of its own standing still.
    pub(super) fn reason(&self, now: Timestamp) -> Option<String> {
        self.living(now).find_map(|member| member.reason.as_ref().map(|reason| format!("{}: {reason}", member.state)))
    }

    /// What its living members do, each word once.
    pub(super) fn states(&self, now: Timestamp) -> Vec<&str> {
        let mut states: Vec<&str> = self.living(now).map(|member| member.state.as_str()).collect();
        states.sort_unstable();
        states.dedup();
        states
    }

    /// All of them, dead ones included.
    pub(super) fn rows(&self) -> &[Member] {
        &self.0
    }

    /// Why a partition that has stood for `stood` milliseconds, and that was last taken or moved at `moved`, may be on its way to
    /// another member: somebody came or went a moment ago, and it was well until then.
    pub(super) fn changing(&self, moved: Option<Timestamp>, stood: i64, now: Timestamp) -> Option<String> {
        let gone = self.0.iter().filter(|member| !member.is_alive(now)).find(|member| {
            let silent = millis_between(member.seen_at, now);
            silent <= LEAVING_MS && stood <= silent + GRACE_MS
        });
        if let Some(gone) = gone {
            let silent = short_span(millis_between(gone.seen_at, now));
            return Some(format!("member {} was last seen {silent} ago, and what it had goes to the others", gone.name));
        }
        let came = self.living(now).find(|member| {
            let age = millis_between(member.started_at, now);
            age <= JOINING_MS && moved.is_some_and(|moved| moved < member.started_at)
        })?;
        let age = short_span(millis_between(came.started_at, now));
        Some(format!("member {} came {age} ago, and nobody has taken the partition since", came.name))
    }

    fn living(&self, now: Timestamp) -> impl Iterator<Item = &Member> {
        self.0.iter().filter(move |member| member.is_alive(now))
    }
}

/// Where every group stands.
pub(super) async fn commits(tx: &mut Tx) -> Result<BTreeMap<(String, TopicPartition), Commit>, StoreError> {
    let mut commits = BTreeMap::new();
    for row in tx.query("SELECT grp, topic, partition, next_offset, updated_at FROM consumer_offsets", &[]).await? {
        // A topic of another version is none of the groups' that this one knows.
        let Some(topic) = Topic::parse(&row.get::<String>(1)?) else { continue };
        let Ok(partition) = u16::try_from(row.get::<i64>(2)?) else { continue };
        let commit = Commit { next_offset: row.get(3)?, updated_at: row.get(4)? };
        commits.insert((row.get(0)?, TopicPartition { topic, partition }), commit);
    }
    Ok(commits)
}

/// The members of every group, dead ones included.
pub(super) async fn members(tx: &mut Tx) -> Result<BTreeMap<String, Members>, StoreError> {
    let mut members: BTreeMap<String, Members> = BTreeMap::new();
    for row in tx.query("SELECT grp, state, reason, seen_at, member, started_at FROM group_members ORDER BY grp, member", &[]).await? {
        let member = Member { state: row.get(1)?, reason: row.get(2)?, seen_at: row.get(3)?, name: row.get(4)?, started_at: row.get(5)? };
        members.entry(row.get(0)?).or_default().0.push(member);
    }
    Ok(members)
}
