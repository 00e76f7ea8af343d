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

#[derive(Debug, Clone)]
struct Member {
    state: String,
    reason: Option<String>,
    seen_at: Timestamp,
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

    fn living(&self, now: Timestamp) -> impl Iterator<Item = &Member> {
        self.0.iter().filter(move |member| millis_between(member.seen_at, now) <= ALIVE_MS)
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
    for row in tx.query("SELECT grp, state, reason, seen_at FROM group_members", &[]).await? {
        let member = Member { state: row.get(1)?, reason: row.get(2)?, seen_at: row.get(3)? };
        members.entry(row.get(0)?).or_default().0.push(member);
    }
    Ok(members)
}
