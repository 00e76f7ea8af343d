use std::collections::BTreeMap;
use std::sync::Arc;

use crate::event::{Topic, TopicPartition};
use crate::log::{LogError, Standing};
use crate::store::{Class, StoreError, Tx};

use super::group::{Group, Position};

/// A partition that the group has claimed, and from where to read it, or why not.
struct Granted {
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

impl Group {
    /// Takes partitions over and reads on where the group stands, unless the log is not the one that it has read.
    pub(super) async fn claim(&mut self, partitions: Vec<TopicPartition>) {
        let mut failures: u32 = 0;
        let granted = loop {
            let error = match self.try_claim(&partitions).await {
                Ok(granted) => break granted,
                Err(error) => error,
            };
            failures = failures.saturating_add(1);
            if self.member.pause(failures, &error.to_string()).await {
                return;
            }
        };
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

    async fn try_claim(&self, partitions: &[TopicPartition]) -> Result<Vec<Granted>, ClaimError> {
        let cluster_id = self.log.cluster_id().await?;
        let (group, wanted) = (Arc::clone(&self.member.group), partitions.to_vec());
        let claiming = async move |tx: &mut Tx| tx.claim_partitions(&group, &wanted, cluster_id.as_deref()).await;
        let claims = self.member.store.write::<_, StoreError, _>(Class::Consumer, claiming).await?;
        let standings = claims.iter().map(|claim| Standing {
            at: claim.at,
            next_offset: claim.next_offset,
            last_event_id: claim.last_event_id,
            cluster_id: claim.cluster_id.clone(),
        });
        let verdicts = self.log.check(&self.member.group, standings.collect()).await?;
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
