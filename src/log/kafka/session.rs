use std::collections::BTreeMap;
use std::sync::mpsc::{Receiver, sync_channel};
use std::time::{Duration, Instant};

use rdkafka::consumer::{BaseConsumer, CommitMode, Consumer as _};
use rdkafka::error::KafkaError;
use rdkafka::topic_partition_list::{Offset, TopicPartitionList};

use crate::event::{Record, Topic, TopicPartition};
use crate::log::LogError;

use super::config::Shared;
use super::context::{MemberContext, Signal};
use super::error::{is_out_of_range, is_outage, log_error};
use super::mailbox::Mailbox;
use super::mirror::Mirror;
use super::record::record_from;

/// Rebalances that may wait for the thread; there is never more than one under way.
const SIGNALS: usize = 16;
/// Records taken from the client before they are handed on.
const HAND_ON: usize = 256;
/// How long the thread sleeps when nothing wakes it: the client wants to be polled now and then.
const IDLE: Duration = Duration::from_secs(1);
/// How long the loop may take to finish its open batch; then its commit is left to the epoch.
const REVOKE_PATIENCE: Duration = Duration::from_secs(5);
const SEEK_PATIENCE: Duration = Duration::from_secs(5);
/// How long to wait before what failed is tried again.
const RETRY: Duration = Duration::from_millis(100);

/// One consumer, from its making to its end.
pub(super) struct Session<'a> {
    config: &'a Shared,
    mailbox: &'a Mailbox,
    consumer: BaseConsumer<MemberContext>,
    signals: Receiver<Signal>,
    /// Given to us, waiting for the loop to say from where to read. It tries until it can, and until then they are not assigned:
    /// at an end that is still being looked up, a seek could be forgotten.
    arriving: Option<Vec<TopicPartition>>,
    /// Taken from us, waiting for the loop to let go.
    leaving: Option<Leaving>,
    mirror: Mirror,
    retry_due: Option<Instant>,
    /// An offset was not in the log: the loop must look where it stands.
    ask_again: bool,
}

/// Partitions on their way to others, and until when the loop may take.
struct Leaving {
    partitions: Vec<TopicPartition>,
    until: Instant,
}

impl<'a> Session<'a> {
    pub(super) fn open(config: &'a Shared, group: &str, topics: &[Topic], mailbox: &'a Mailbox) -> Result<Self, LogError> {
        let (sender, signals) = sync_channel(SIGNALS);
        let mut consumer: BaseConsumer<MemberContext> =
            config.member(group).create_with_context(MemberContext::new(sender)).map_err(|error| log_error(&error))?;
        let thread = std::thread::current();
        consumer.set_nonempty_callback(move || thread.unpark());
        let names: Vec<String> = topics.iter().map(|topic| config.topic_name(*topic)).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        consumer.subscribe(&names).map_err(|error| log_error(&error))?;
        Ok(Self {
            config,
            mailbox,
            consumer,
            signals,
            arriving: None,
            leaving: None,
            mirror: Mirror::default(),
            retry_due: None,
            ask_again: false,
        })
    }

    /// Serves the loop until it stops, or until the client can go on no more.
    pub(super) fn serve(mut self) -> Result<(), LogError> {
        while !self.mailbox.lock().orders.stop {
            self.hand_on()?;
            self.rebalance();
            self.settle()?;
            self.seek();
            self.resume();
            self.mirror();
            std::thread::park_timeout(self.idle());
        }
        self.mirror_now();
        self.consumer.context().close();
        Ok(())
    }

    fn idle(&self) -> Duration {
        let due = [self.mirror.due(), self.retry_due, self.leaving.as_ref().map(|leaving| leaving.until)];
        let now = Instant::now();
        due.iter().flatten().map(|due| due.saturating_duration_since(now)).fold(IDLE, Duration::min)
    }

    /// Empties the client's queue into the mailbox.
    fn hand_on(&mut self) -> Result<(), LogError> {
        let mut records: Vec<Record> = Vec::new();
        loop {
            match self.consumer.poll(Duration::ZERO) {
                Some(Ok(message)) => records.extend(record_from(self.config, &message)),
                Some(Err(error)) => self.failed(&error)?,
                None if self.consumer.context().take_served() => self.rebalance(),
                None => break,
            }
            if records.len() >= HAND_ON {
                self.buffer(std::mem::take(&mut records));
            }
        }
        self.buffer(records);
        Ok(())
    }

    fn buffer(&self, records: Vec<Record>) {
        if records.is_empty() {
            return;
        }
        let full = self.mailbox.tell(|state| state.buffer(records.into_iter()));
        if !full.is_empty()
            && let Err(error) = self.consumer.pause(&self.list(&full))
        {
            tracing::debug!(%error, "partitions cannot be paused; they were taken away");
        }
    }

    fn failed(&mut self, error: &KafkaError) -> Result<(), LogError> {
        if let Some((code, reason)) = self.consumer.client().fatal_error() {
            let known = log_error(&KafkaError::Global(code));
            return Err(if matches!(known, LogError::Refused(_)) { known } else { LogError::Broker(reason) });
        }
        if is_out_of_range(error) {
            self.ask_again = true;
            self.retry_due.get_or_insert_with(|| Instant::now() + RETRY);
        } else if !is_outage(error) {
            let error = log_error(error);
            self.mailbox.tell(|state| state.fail(error));
        }
        Ok(())
    }

    /// Takes up what the callbacks have told.
    fn rebalance(&mut self) {
        while let Ok(signal) = self.signals.try_recv() {
            match signal {
                Signal::Assign(list) => {
                    let partitions = self.partitions(&list);
                    self.mailbox.tell(|state| state.assign(&partitions));
                    self.arriving = Some(partitions);
                }
                Signal::Revoke(list) => {
                    // What was never assigned cannot be given up in order.
                    if self.arriving.is_some()
                        && let Err(error) = self.arrive()
                    {
                        tracing::debug!(%error, "partitions were taken away before they were assigned");
                    }
                    let partitions = self.partitions(&list);
                    let patience = if self.consumer.assignment_lost() { Duration::ZERO } else { REVOKE_PATIENCE };
                    self.mailbox.tell(|state| state.revoke(&partitions));
                    self.leaving = Some(Leaving { partitions, until: Instant::now() + patience });
                }
            }
        }
    }

    /// Ends a rebalance as soon as the loop has done its part, or has taken too long to let go.
    fn settle(&mut self) -> Result<(), LogError> {
        let now = Instant::now();
        if let Some(leaving) = &self.leaving {
            let is_free = {
                let state = self.mailbox.lock();
                leaving.partitions.iter().all(|at| state.orders.released.contains(at))
            };
            if is_free || leaving.until <= now {
                self.leave()?;
            }
        }
        if let Some(arriving) = &self.arriving {
            let is_decided = {
                let state = self.mailbox.lock();
                arriving.iter().all(|at| state.orders.decided(*at))
            };
            if is_decided {
                self.arrive()?;
            }
        }
        Ok(())
    }

    fn leave(&mut self) -> Result<(), LogError> {
        let Some(Leaving { partitions, .. }) = self.leaving.take() else { return Ok(()) };
        self.mirror_now();
        self.mirror.forget(&partitions);
        self.mailbox.lock().forget(&partitions);
        self.consumer.incremental_unassign(&self.list(&partitions)).map_err(|error| log_error(&error))
    }

    /// Assigns what arrives, each partition where the loop wants it; what the loop holds is assigned at its end, unread.
    fn arrive(&mut self) -> Result<(), LogError> {
        let Some(partitions) = self.arriving.take() else { return Ok(()) };
        let mut list = TopicPartitionList::with_capacity(partitions.len());
        let mut state = self.mailbox.lock();
        for at in &partitions {
            let offset = state.orders.seeks.remove(at).map_or(Offset::End, Offset::Offset);
            state.orders.holds.remove(at);
            let added = list.add_partition_offset(&self.config.topic_name(at.topic), i32::from(at.partition), offset);
            added.map_err(|error| log_error(&error))?;
        }
        // Under the lock, so that no seek comes between the offset read and its use.
        self.consumer.incremental_assign(&list).map_err(|error| log_error(&error))
    }

    /// Moves partitions that are assigned to where the loop wants them.
    fn seek(&mut self) {
        if self.arriving.is_some() || self.retry_due.is_some_and(|due| due > Instant::now()) {
            return;
        }
        self.retry_due = None;
        if std::mem::take(&mut self.ask_again) {
            self.mailbox.tell(super::mailbox::State::ask_again);
        }
        let wanted: BTreeMap<TopicPartition, i64> = self.mailbox.lock().orders.seeks.clone();
        for (at, offset) in wanted {
            if self.mailbox.lock().unpause(at) {
                let resumed = self.consumer.resume(&self.list(&[at]));
                tracing::trace!(%at, ?resumed, "a full partition is sought");
            }
            let moved =
                self.consumer.seek(&self.config.topic_name(at.topic), i32::from(at.partition), Offset::Offset(offset), SEEK_PATIENCE);
            match moved {
                Ok(()) => self.sought(at, offset),
                Err(error) => {
                    tracing::debug!(%at, offset, %error, "a partition cannot be sought yet");
                    self.retry_due = Some(Instant::now() + RETRY);
                }
            }
        }
    }

    /// The order is done, unless another has come meanwhile.
    fn sought(&self, at: TopicPartition, offset: i64) {
        let mut state = self.mailbox.lock();
        if state.orders.seeks.get(&at) == Some(&offset) {
            state.orders.seeks.remove(&at);
        }
    }

    fn resume(&self) {
        let room: Vec<TopicPartition> = std::mem::take(&mut self.mailbox.lock().orders.resumes).into_iter().collect();
        if !room.is_empty()
            && let Err(error) = self.consumer.resume(&self.list(&room))
        {
            tracing::debug!(%error, "partitions cannot be resumed; they were taken away");
        }
    }

    /// Tells Kafka where the group stands, now and then.
    fn mirror(&mut self) {
        let has_news = !self.mailbox.lock().orders.commits.is_empty();
        if self.mirror.is_time(Instant::now(), has_news) {
            self.mirror_now();
        }
    }

    fn mirror_now(&mut self) {
        let news = std::mem::take(&mut self.mailbox.lock().orders.commits);
        let told = self.mirror.told(Instant::now(), news);
        if told.is_empty() {
            return;
        }
        let mut list = TopicPartitionList::with_capacity(told.len());
        for (at, offset) in told {
            if let Err(error) =
                list.add_partition_offset(&self.config.topic_name(at.topic), i32::from(at.partition), Offset::Offset(offset))
            {
                tracing::debug!(%at, %error, "an offset cannot be mirrored");
            }
        }
        if let Err(error) = self.consumer.commit(&list, CommitMode::Async) {
            tracing::debug!(%error, "offsets were not mirrored to Kafka; the database has them");
        }
    }

    fn list(&self, partitions: &[TopicPartition]) -> TopicPartitionList {
        let mut list = TopicPartitionList::with_capacity(partitions.len());
        for at in partitions {
            list.add_partition(&self.config.topic_name(at.topic), i32::from(at.partition));
        }
        list
    }

    fn partitions(&self, list: &TopicPartitionList) -> Vec<TopicPartition> {
        let known = list.elements().into_iter().filter_map(|element| {
            let topic = self.config.topic_of(element.topic())?;
            Some(TopicPartition { topic, partition: u16::try_from(element.partition()).ok()? })
        });
        known.collect()
    }
}
