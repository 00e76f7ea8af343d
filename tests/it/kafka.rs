//! The engine on a real broker: `KAFKA_BROKERS` says where one runs (`scripts/stack up kafka` starts one).

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use payctl::config::Ambient;
use payctl::event::{Record, Topic, TopicPartition, encode};
use payctl::log::{Admin, Delivery, EventLog, GroupProtocol, KafkaConfig, LogError, Publisher, Standing, Subscription};
use payctl::store::{Store, StoreError};

use crate::engine::{Embedded, Engine, event};

/// What the suites use of the catalogue: a topic that nobody reads only costs time.
const TOPICS: [Topic; 2] = [Topic::PaymentEvents, Topic::OrderEvents];

/// A database with a relay of its own to topics of its own, which go when it goes.
pub(crate) struct Kafka {
    database: Embedded,
    pub(crate) config: KafkaConfig,
    publisher: Publisher,
    /// What of each partition of the database was published.
    published: tokio::sync::Mutex<BTreeMap<TopicPartition, i64>>,
}

/// Where the broker for tests runs, or nothing and the reason printed.
#[expect(clippy::disallowed_methods, reason = "whoever runs the tests says where the broker is")]
pub(crate) fn brokers() -> Option<String> {
    let found = std::env::var("KAFKA_BROKERS").ok().filter(|brokers| !brokers.is_empty());
    if found.is_none() {
        println!("skip: KAFKA_BROKERS is not set, so there is no broker to test with");
    }
    found
}

/// Settings of a test that has topics and groups for itself.
pub(crate) fn config() -> Option<KafkaConfig> {
    let prefix = format!("t{}.", Ambient::system().uuid().simple());
    Some(KafkaConfig { brokers: brokers()?, prefix, replication: 1, ..KafkaConfig::default() })
}

impl Kafka {
    pub(crate) async fn reachable() -> Option<Self> {
        let config = config()?;
        let created = Admin::new(&config).unwrap().create_missing(&TOPICS).await.unwrap();
        assert_eq!(created, TOPICS);
        let (database, publisher) = (Embedded::new(), Publisher::new(&config).unwrap());
        Some(Self { database, config, publisher, published: tokio::sync::Mutex::default() })
    }
}

impl Engine for Kafka {
    fn open(&self) -> Store {
        self.database.open()
    }

    fn open_read_only(&self) -> Result<Store, StoreError> {
        self.database.open_read_only()
    }

    fn log(&self, _store: &Store) -> EventLog {
        EventLog::kafka(&self.config).unwrap()
    }

    async fn relayed(&self, store: &Store) {
        let mut published = self.published.lock().await;
        for at in Topic::PaymentEvents.all_partitions() {
            let from = published.entry(at).or_default();
            let records = EventLog::embedded(store).read(at, *from, 10_000).await.unwrap();
            self.publisher.publish(&records).await.unwrap();
            *from = records.last().map_or(*from, |record| record.offset + 1);
        }
    }
}

impl Drop for Kafka {
    fn drop(&mut self) {
        delete_topics(&self.config);
    }
}

/// Takes the suites' topics away, so that a broker serves many runs.
pub(crate) fn delete_topics(config: &KafkaConfig) {
    delete(config, &TOPICS);
}

/// How many records of its topics Kafka itself believes that the group has read.
pub(crate) async fn committed(config: &KafkaConfig, group: &str) -> i64 {
    use rdkafka::consumer::{BaseConsumer, Consumer as _};
    let mut client = rdkafka::ClientConfig::new();
    client.set("bootstrap.servers", &config.brokers).set("group.id", config.group_name(group));
    let names: Vec<String> = [Topic::PaymentEvents].iter().map(|topic| config.topic_name(*topic)).collect();
    let asking = tokio::task::spawn_blocking(move || {
        let consumer: BaseConsumer = client.create().unwrap();
        let mut asked = rdkafka::TopicPartitionList::new();
        for name in &names {
            for at in Topic::PaymentEvents.all_partitions() {
                asked.add_partition(name, i32::from(at.partition));
            }
        }
        let found = consumer.committed_offsets(asked, Duration::from_secs(10)).unwrap();
        found.elements().iter().filter_map(|element| element.offset().to_raw()).filter(|offset| *offset > 0).sum()
    });
    asking.await.unwrap()
}

/// Commits this offset in every partition of the topic for a group that nobody else knows, as a tool of somebody else would.
pub(crate) async fn commit_as(config: &KafkaConfig, group: &str, topic: Topic, offset: i64) {
    use rdkafka::consumer::{BaseConsumer, CommitMode, Consumer as _};
    use rdkafka::{Offset, TopicPartitionList};
    let mut client = rdkafka::ClientConfig::new();
    client.set("bootstrap.servers", &config.brokers).set("group.id", group);
    let name = config.topic_name(topic);
    let committing = tokio::task::spawn_blocking(move || {
        let consumer: BaseConsumer = client.create().unwrap();
        let mut places = TopicPartitionList::new();
        for at in topic.all_partitions() {
            places.add_partition_offset(&name, i32::from(at.partition), Offset::Offset(offset)).unwrap();
        }
        // A broker that has just been started makes the topic of offsets first.
        let until = std::time::Instant::now() + SOON;
        while let Err(error) = consumer.commit(&places, CommitMode::Sync) {
            assert!(std::time::Instant::now() < until, "{error}");
            std::thread::sleep(Duration::from_millis(100));
        }
    });
    committing.await.unwrap();
}

/// Takes the first records of each partition away, as retention would; how many these were.
pub(crate) async fn truncate(config: &KafkaConfig, topic: Topic, records: i64) -> i64 {
    use rdkafka::admin::{AdminClient, AdminOptions};
    use rdkafka::client::DefaultClientContext;
    use rdkafka::{Offset, TopicPartitionList};
    let admin: AdminClient<DefaultClientContext> = rdkafka::ClientConfig::new().set("bootstrap.servers", &config.brokers).create().unwrap();
    let (mut before, mut gone) = (TopicPartitionList::new(), 0);
    for (partition, bounds) in EventLog::kafka(config).unwrap().bounds(topic).await.unwrap() {
        let taken = records.min(bounds.end - bounds.start);
        before.add_partition_offset(&config.topic_name(topic), i32::from(partition), Offset::Offset(bounds.start + taken)).unwrap();
        gone += taken;
    }
    admin.delete_records(&before, &AdminOptions::new()).await.unwrap();
    gone
}

/// Takes topics away.
pub(crate) fn delete(config: &KafkaConfig, topics: &[Topic]) {
    use rdkafka::admin::{AdminClient, AdminOptions};
    use rdkafka::client::DefaultClientContext;
    let admin: AdminClient<DefaultClientContext> = rdkafka::ClientConfig::new().set("bootstrap.servers", &config.brokers).create().unwrap();
    let names: Vec<String> = topics.iter().map(|topic| config.topic_name(*topic)).collect();
    let deleting = async move {
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        tokio::time::timeout(Duration::from_secs(20), admin.delete_topics(&names, &AdminOptions::new())).await
    };
    let runtime = || tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    // What cannot be deleted now is only a few empty files more.
    let _ = std::thread::spawn(move || runtime().block_on(deleting)).join();
}

const SOON: Duration = Duration::from_secs(30);
const FIRST: TopicPartition = TopicPartition { topic: Topic::PaymentEvents, partition: 0 };

/// Publishes so many events on the first partition.
async fn fill(config: &KafkaConfig, count: i64) -> Vec<Record> {
    let ambient = Ambient::system();
    let record = |version| {
        let event = event(&ambient, "PY1", version, "key");
        let encoded = encode(&event).unwrap();
        let created_at = "2026-01-02T03:04:05Z".to_owned();
        Record { at: FIRST, offset: 0, key: event.key, headers: encoded.headers, value: encoded.value, is_tombstone: false, created_at }
    };
    let records: Vec<Record> = (1..=count).map(record).collect();
    Publisher::new(config).unwrap().publish(&records).await.unwrap();
    records
}

fn event_id(record: &Record) -> uuid::Uuid {
    serde_json::from_slice::<serde_json::Value>(&record.value).unwrap()["event_id"].as_str().unwrap().parse().unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_topic_that_was_made_anew_is_told_from_the_one_that_a_group_has_read() {
    let Some(engine) = Kafka::reachable().await else { return };
    let records = fill(&engine.config, 10).await;
    let log = EventLog::kafka(&engine.config).unwrap();
    let standing =
        Standing { at: FIRST, next_offset: 8, last_event_id: Some(event_id(&records[7])), cluster_id: log.cluster_id().await.unwrap() };
    let check = async |standing: &Standing| log.check("payctl.order", vec![standing.clone()]).await.unwrap().remove(0).1;
    assert_eq!(check(&standing).await.unwrap(), 8);
    delete_topics(&engine.config);
    let made_anew = async {
        // A topic that is being deleted still has its name for a moment.
        while !matches!(Admin::new(&engine.config).unwrap().create_missing(&TOPICS).await.as_deref(), Ok([_, _])) {
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    };
    tokio::time::timeout(SOON, made_anew).await.expect("the topics come again");
    let log = EventLog::kafka(&engine.config).unwrap();
    let check = async |standing: &Standing| log.check("payctl.order", vec![standing.clone()]).await.unwrap().remove(0).1;
    let told = check(&standing).await.unwrap_err();
    assert!(matches!(&told, LogError::Refused(told) if told.contains("the log ends at 0")), "{told}");
    fill(&engine.config, 12).await;
    let told = check(&standing).await.unwrap_err();
    assert!(matches!(&told, LogError::Refused(told) if told.contains("lies there")), "{told}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn topics_are_made_once_and_what_differs_is_only_told() {
    let Some(engine) = Kafka::reachable().await else { return };
    let admin = Admin::new(&engine.config).unwrap();
    assert_eq!(admin.create_missing(&TOPICS).await.unwrap(), []);
    assert_eq!(admin.drift(&TOPICS).await.unwrap(), []);
    let missing = admin.drift(&[Topic::AuditLogs]).await.unwrap();
    assert_eq!(missing[0].to_string(), "audit.logs: topic is missing and should be there");
    let wants_more = Admin::new(&KafkaConfig { replication: 3, ..engine.config.clone() }).unwrap();
    let told = wants_more.drift(&[Topic::OrderEvents]).await.unwrap();
    assert_eq!(told[0].to_string(), "order.events: replication.factor is 1 and should be 3");
}

/// A member that reads each partition from where `positions` has it.
struct Seat {
    subscription: Subscription,
    own: BTreeSet<TopicPartition>,
}

impl Seat {
    fn take(config: &KafkaConfig) -> Self {
        let subscription = EventLog::kafka(config).unwrap().subscribe("suite", &[Topic::PaymentEvents]);
        Self { subscription, own: BTreeSet::new() }
    }

    /// Does what is there to do for a moment.
    async fn work(&mut self, positions: &mut BTreeMap<TopicPartition, i64>, read: &mut Vec<(TopicPartition, i64)>) {
        let Ok(delivery) = tokio::time::timeout(Duration::from_millis(50), self.subscription.next(100)).await else { return };
        match delivery.unwrap() {
            Delivery::Assigned(partitions) => {
                for at in partitions {
                    self.subscription.seek(at, positions.get(&at).copied().unwrap_or(0));
                    self.own.insert(at);
                }
            }
            Delivery::Revoked(partitions) => {
                self.own.retain(|at| !partitions.contains(at));
                self.subscription.release(&partitions);
            }
            Delivery::Records(at, records) => {
                read.extend(records.iter().map(|record| (at, record.offset)));
                positions.insert(at, records.last().unwrap().offset + 1);
            }
        }
    }
}

async fn a_second_member_gets_half_and_gives_it_back(protocol: GroupProtocol) {
    let Some(engine) = Kafka::reachable().await else { return };
    let config = KafkaConfig { protocol, ..engine.config.clone() };
    let all = usize::from(Topic::PaymentEvents.partitions());
    let (mut positions, mut read) = (BTreeMap::new(), Vec::new());
    let work = async {
        fill(&config, 10).await;
        let mut one = Seat::take(&config);
        while one.own.len() < all || read.len() < 10 {
            one.work(&mut positions, &mut read).await;
        }
        let mut other = Seat::take(&config);
        while other.own.len() != all / 2 || one.own.len() != all / 2 {
            one.work(&mut positions, &mut read).await;
            other.work(&mut positions, &mut read).await;
        }
        fill(&config, 10).await;
        while read.len() < 20 {
            one.work(&mut positions, &mut read).await;
            other.work(&mut positions, &mut read).await;
        }
        one.subscription.close().await;
        fill(&config, 10).await;
        while other.own.len() < all || read.len() < 30 {
            other.work(&mut positions, &mut read).await;
        }
        other.subscription.close().await;
    };
    tokio::time::timeout(SOON, work).await.expect("the partitions change hands");
    assert_eq!(read, (0..30).map(|offset| (FIRST, offset)).collect::<Vec<_>>(), "each started exactly where the other stopped");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn members_share_partitions_by_the_protocol_of_the_brokers() {
    a_second_member_gets_half_and_gives_it_back(GroupProtocol::Consumer).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn members_share_partitions_by_the_older_protocol_as_well() {
    a_second_member_gets_half_and_gives_it_back(GroupProtocol::Classic).await;
}
