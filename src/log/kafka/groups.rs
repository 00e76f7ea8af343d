use std::collections::{BTreeMap, BTreeSet};
use std::panic::resume_unwind;
use std::thread;
use std::time::{Duration, Instant};

use rdkafka::consumer::{BaseConsumer, Consumer as _};
use rdkafka::message::Message as _;
use rdkafka::topic_partition_list::{Offset, TopicPartitionList};

use crate::log::{Bounds, BrokerCommit, BrokerGroup, GroupState, LogError};

use super::config::Shared;
use super::context::Plain;
use super::error::{log_error, unanswered};

/// How long the brokers may take for an answer …
const PATIENCE: Duration = Duration::from_secs(5);
/// … and to send the records that groups read next, which only tell how old they are.
const RECORDS_PATIENCE: Duration = Duration::from_secs(2);
/// Each group that is looked into costs a connection, and each of its partitions a place in a request.
const GROUPS: usize = 100;
const PLACES: usize = 20_000;
/// So many groups are asked about side by side.
const AT_ONCE: usize = 50;
/// So many partitions of a group are looked into for the age of their next record.
const AGES: usize = 64;

type Place = (String, i32);

/// The groups that the brokers know, without where they stand, those of this platform's prefix first. Blocks.
pub(in crate::log) fn list(config: &Shared) -> Result<Vec<BrokerGroup>, LogError> {
    let consumer: BaseConsumer<Plain> = config.reader().create_with_context(Plain).map_err(|error| log_error(&error))?;
    let found = consumer.fetch_group_list(None, config.waits(PATIENCE)).map_err(|error| unanswered(config, "groups", &error))?;
    let group = |info: &rdkafka::groups::GroupInfo| BrokerGroup {
        name: info.name().to_owned(),
        state: state(info.state(), info.members().len()),
        commits: None,
    };
    let mut groups: Vec<BrokerGroup> = found.groups().iter().map(group).collect();
    let key = |group: &BrokerGroup| (!group.name.starts_with(&config.prefix), group.name.clone());
    groups.sort_by_cached_key(key);
    Ok(groups)
}

/// Where the first [`GROUPS`] of these stand, by their commits on the brokers: commits first, then where the log ends. Joins none of
/// them. Blocks.
pub(in crate::log) fn stand(config: &Shared, mut groups: Vec<BrokerGroup>) -> Result<Vec<BrokerGroup>, LogError> {
    let reader: BaseConsumer<Plain> = config.reader().create_with_context(Plain).map_err(|error| log_error(&error))?;
    let metadata = reader.fetch_metadata(None, config.waits(PATIENCE)).map_err(|error| unanswered(config, "topics", &error))?;
    let topics = metadata.topics().iter().filter(|topic| topic.error().is_none());
    let places = topics.flat_map(|topic| topic.partitions().iter().map(|partition| (topic.name().to_owned(), partition.id())));
    let places: Vec<Place> = places.take(PLACES).collect();
    let commits = all_commits(config, groups.get(..GROUPS).unwrap_or(&groups), &places)?;
    let read: BTreeSet<&Place> = commits.iter().flat_map(BTreeMap::keys).collect();
    let (starts, ends) = (offsets(config, &reader, &read, Offset::Beginning)?, offsets(config, &reader, &read, Offset::End)?);
    let commit = |(place, next_offset): (&Place, &i64)| {
        let bounds = Bounds { start: *starts.get(place)?, end: *ends.get(place)? };
        Some(BrokerCommit { topic: place.0.clone(), partition: place.1, next_offset: *next_offset, bounds, next_at_ms: None })
    };
    let until = Instant::now() + RECORDS_PATIENCE;
    for (group, commits) in groups.iter_mut().zip(&commits) {
        let mut commits: Vec<BrokerCommit> = commits.iter().filter_map(commit).collect();
        ages(&reader, &mut commits, until)?;
        group.commits = Some(commits);
    }
    Ok(groups)
}

/// The brokers answer for groups of the older protocol only: one of the newer is dead to them.
fn state(name: &str, members: usize) -> Option<GroupState> {
    match name {
        "Empty" => Some(GroupState::Empty),
        "PreparingRebalance" | "CompletingRebalance" => Some(GroupState::Rebalancing(members)),
        "Stable" => Some(GroupState::Stable(members)),
        _ => None,
    }
}

/// What each of these groups has committed. A group is a connection, which mostly waits: many at once take no longer than one.
fn all_commits(config: &Shared, groups: &[BrokerGroup], places: &[Place]) -> Result<Vec<BTreeMap<Place, i64>>, LogError> {
    let ask = |group: &BrokerGroup| commits(config, &group.name, places);
    let mut found = Vec::with_capacity(groups.len());
    for some in groups.chunks(AT_ONCE) {
        let answers = thread::scope(|scope| {
            let asked: Vec<_> = some.iter().map(|group| scope.spawn(|| ask(group))).collect();
            asked.into_iter().map(|one| one.join().unwrap_or_else(|panic| resume_unwind(panic))).collect::<Vec<_>>()
        });
        for answer in answers {
            found.push(answer?);
        }
    }
    Ok(found)
}

fn commits(config: &Shared, group: &str, places: &[Place]) -> Result<BTreeMap<Place, i64>, LogError> {
    let mut client = config.client();
    client.set("group.id", group).set("enable.auto.commit", "false");
    let consumer: BaseConsumer<Plain> = client.create_with_context(Plain).map_err(|error| log_error(&error))?;
    let mut asked = TopicPartitionList::new();
    for (topic, partition) in places {
        asked.add_partition(topic, *partition);
    }
    let found =
        consumer.committed_offsets(asked, config.waits(PATIENCE)).map_err(|error| unanswered(config, "the commits of a group", &error))?;
    Ok(known(&found))
}

fn offsets(
    config: &Shared,
    reader: &BaseConsumer<Plain>,
    places: &BTreeSet<&Place>,
    which: Offset,
) -> Result<BTreeMap<Place, i64>, LogError> {
    if places.is_empty() {
        return Ok(BTreeMap::new());
    }
    let mut asked = TopicPartitionList::new();
    for (topic, partition) in places {
        asked.add_partition_offset(topic, *partition, which).map_err(|error| log_error(&error))?;
    }
    let found = reader.offsets_for_times(asked, config.waits(PATIENCE)).map_err(|error| unanswered(config, "offsets", &error))?;
    Ok(known(&found))
}

/// What has an offset and no error.
fn known(list: &TopicPartitionList) -> BTreeMap<Place, i64> {
    let elements = list.elements();
    let offset = |element: &rdkafka::topic_partition_list::TopicPartitionListElem<'_>| match (element.error(), element.offset()) {
        (Ok(()), Offset::Offset(offset)) => Some(((element.topic().to_owned(), element.partition()), offset)),
        _ => None,
    };
    elements.iter().filter_map(offset).collect()
}

/// Reads when the next record of each partition was written, as far as there is time.
fn ages(reader: &BaseConsumer<Plain>, commits: &mut [BrokerCommit], until: Instant) -> Result<(), LogError> {
    let mut places = TopicPartitionList::new();
    for commit in commits.iter().filter(|commit| commit.next_offset < commit.bounds.end).take(AGES) {
        let from = Offset::Offset(commit.next_offset.max(commit.bounds.start));
        places.add_partition_offset(&commit.topic, commit.partition, from).map_err(|error| log_error(&error))?;
    }
    let mut wanted = places.count();
    if wanted == 0 {
        return Ok(());
    }
    reader.assign(&places).map_err(|error| log_error(&error))?;
    while let Some(left) = until.checked_duration_since(Instant::now()).filter(|left| wanted > 0 && !left.is_zero()) {
        let Some(Ok(message)) = reader.poll(left) else { continue };
        let place = commits.iter_mut().find(|commit| commit.topic == message.topic() && commit.partition == message.partition());
        if let Some(commit) = place.filter(|commit| commit.next_at_ms.is_none()) {
            commit.next_at_ms = message.timestamp().to_millis();
            wanted -= 1;
        }
    }
    reader.unassign().map_err(|error| log_error(&error))
}
