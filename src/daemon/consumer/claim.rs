use std::collections::BTreeMap;

use crate::event::{Topic, TopicPartition};

use super::claims::Granted;
use super::group::Group;

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
                    // Whoever had it before may have gone without a word, and the next record may be long in coming.
                    self.subscription.mirror(at, offset);
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
