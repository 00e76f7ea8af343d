use std::collections::BTreeSet;
use std::pin::Pin;
use std::sync::Arc;

use crate::event::TopicPartition;
use crate::log::{EventLog, LogError, Standing};
use crate::store::{Class, Store, StoreError, Tx};

use super::pace::backoff;

/// Where the group stands in a partition that it holds.
#[derive(Debug, Clone, Copy)]
pub(super) struct Position {
    pub(super) epoch: i64,
    pub(super) next_offset: i64,
}

/// A partition that the group has claimed, and from where to read it, or why not.
pub(super) struct Granted {
    pub(super) at: TopicPartition,
    pub(super) position: Position,
    pub(super) from: Result<i64, String>,
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

    pub(super) fn forget(&mut self, partitions: &[TopicPartition]) {
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
