use std::collections::{BTreeMap, BTreeSet};
use std::pin::Pin;
use std::sync::Arc;

use crate::event::{Topic, TopicPartition};
use crate::log::{EventLog, LogError, Standing};
use crate::store::{Class, Store, StoreError, Tx};

use super::group::{Group, Position, backoff};

/// A partition that the group has claimed, and from where to read it, or why not.
pub(super) struct Granted {
    at: TopicPartition,
    position: Position,
    from: Result<i64, String>,
}

/// Why partitions could not be claimed at present.
#[derive(Debug, thiserror::Error)]
enum ClaimError {
    #[error("the partitions cannot be claimed: {0}")]
    Store(#[from] StoreError),
    #[error("the log cannot be checked: {0}")]
    Log(#[from] LogError),
}

/// What a try needs, apart from the loop.
#[derive(Clone)]
pub(super) struct Claimant {
    pub(super) log: EventLog,
    pub(super) store: Store,
    pub(super) group: Arc<str>,
}

type Try = Pin<Box<dyn Future<Output = Result<Vec<Granted>, ClaimError>> + Send>>;

/// The partitions that the group is to take over, one try at a time. The loop goes on meanwhile: what it holds is read, what it
/// must give up is given up, however long the brokers or the database take to answer.
#[derive(Default)]
pub(super) struct Claims {
    /// For the next try.
    wanted: BTreeSet<TopicPartition>,
    /// Those of the try that is under way that are still wanted of it.
    tried: BTreeSet<TopicPartition>,
    under_way: Option<Try>,
    failures: u32,
}

impl Claims {
    pub(super) fn want(&mut self, partitions: impl IntoIterator<Item = TopicPartition>) {
        for at in partitions {
            // A try that began before may find what is no longer so.
            self.tried.remove(&at);
            self.wanted.insert(at);
        }
    }

    /// As `want`, where a try that is under way will do.
    pub(super) fn want_still(&mut self, partitions: impl IntoIterator<Item = TopicPartition>) {
        self.wanted.extend(partitions.into_iter().filter(|at| !self.tried.contains(at)));
    }

    fn forget(&mut self, partitions: &[TopicPartition]) {
        for at in partitions {
            self.wanted.remove(at);
            self.tried.remove(at);
        }
        if self.tried.is_empty() {
            self.under_way = None;
        }
    }

    /// The outcome of a try, as far as it is still wanted; never resolves while nothing is to be claimed. It may be dropped and
    /// asked for again.
    pub(super) async fn outcome(&mut self, claimant: &Claimant) -> Result<Vec<Granted>, String> {
        if self.under_way.is_none() && !self.wanted.is_empty() {
            self.tried = std::mem::take(&mut self.wanted);
            self.under_way = Some(Box::pin(claimant.clone().claim(self.tried.iter().copied().collect(), self.failures)));
        }
        let Some(under_way) = &mut self.under_way else { return std::future::pending().await };
        let outcome = under_way.await;
        self.under_way = None;
        let tried = std::mem::take(&mut self.tried);
        match outcome {
            Ok(granted) => {
                self.failures = 0;
                Ok(granted.into_iter().filter(|granted| tried.contains(&granted.at)).collect())
            }
            Err(error) => {
                self.failures = self.failures.saturating_add(1);
                self.wanted.extend(tried);
                Err(error.to_string())
            }
        }
    }

    pub(super) const fn failures(&self) -> u32 {
        self.failures
    }
}

impl Claimant {
    /// Claims these, after a wait that grows with the failures before.
    async fn claim(self, partitions: Vec<TopicPartition>, failures: u32) -> Result<Vec<Granted>, ClaimError> {
        if failures > 0 {
            tokio::time::sleep(backoff(failures)).await;
        }
        let cluster_id = self.log.cluster_id().await?;
        let group = Arc::clone(&self.group);
        let claiming = async move |tx: &mut Tx| tx.claim_partitions(&group, &partitions, cluster_id.as_deref()).await;
        let claims = self.store.write::<_, StoreError, _>(Class::Consumer, claiming).await?;
        let standings = claims.iter().map(|claim| Standing {
            at: claim.at,
            next_offset: claim.next_offset,
            last_event_id: claim.last_event_id,
            cluster_id: claim.cluster_id.clone(),
        });
        let verdicts = self.log.check(&self.group, standings.collect()).await?;
        let mut granted = Vec::with_capacity(claims.len());
        for (claim, (at, verdict)) in claims.into_iter().zip(verdicts) {
            let from = match verdict {
                Ok(offset) => Ok(offset),
                Err(LogError::Refused(reason)) => Err(reason),
                Err(error) => return Err(error.into()),
            };
            granted.push(Granted { at, position: Position { epoch: claim.epoch, next_offset: claim.next_offset }, from });
        }
        Ok(granted)
    }
}

impl Group {
    /// Reads on where the group stands in what it has claimed, unless the log is not the one that it has read.
    pub(super) fn take_over(&mut self, granted: Vec<Granted>) {
        self.tell_of_gone(&granted);
        for Granted { at, position, from } in granted {
            match from {
                Ok(offset) => {
                    self.member.positions.insert(at, position);
                    self.member.refused.remove(&at);
                    self.subscription.seek(at, offset);
                }
                Err(reason) => self.refuse(at, reason),
            }
        }
        self.member.status.set(None);
        self.member.status.refuse(self.member.refused.values().next().cloned());
    }

    /// A group that is new here begins at the first record that is left; that there were others before is told once.
    fn tell_of_gone(&mut self, granted: &[Granted]) {
        let mut gone: BTreeMap<Topic, i64> = BTreeMap::new();
        for Granted { at, position, from } in granted {
            if let Ok(from @ 1..) = from
                && position.next_offset == 0
                && self.gone.insert(*at)
            {
                *gone.entry(at.topic).or_default() += from;
            }
        }
        for (topic, offsets) in gone {
            tracing::warn!(
                group = %self.member.group, %topic, offsets,
                "the group begins at the first record that is left, and that many offsets before it are gone; \
                 have them published again with: payctl events republish --topic {topic}"
            );
        }
    }

    /// Forgets partitions that are not ours any more. Nothing of theirs is open here, so others may have them at once.
    pub(super) fn give_up(&mut self, partitions: &[TopicPartition]) {
        self.claims.forget(partitions);
        for at in partitions {
            self.member.positions.remove(at);
            self.member.refused.remove(at);
        }
        self.member.status.refuse(self.member.refused.values().next().cloned());
        self.subscription.release(partitions);
    }

    fn refuse(&mut self, at: TopicPartition, reason: String) {
        self.member.positions.remove(&at);
        self.subscription.hold(at);
        if self.member.refused.get(&at) != Some(&reason) {
            tracing::error!(group = %self.member.group, topic = %at.topic, partition = at.partition, reason, "partition is not read");
        }
        self.member.refused.insert(at, reason);
    }
}
