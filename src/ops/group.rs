use std::collections::BTreeMap;

use crate::domain::Timestamp;
use crate::event::{Topic, TopicPartition};
use crate::store::{StoreError, Tx};

use super::span::millis_between;

/// A member that was seen this recently is alive; it says so once a second.
const ALIVE_MS: i64 = 3000;
/// How long a living group may take before what it has not done is missing rather than on its way.
pub(super) const GRACE_MS: i64 = 5000;

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
