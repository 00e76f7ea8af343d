#![expect(clippy::disallowed_methods, reason = "a test runs the loop as a task of its own")]

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use tokio_util::sync::CancellationToken;

use crate::event::Record;
use crate::log::{EventLog, Publisher};
use crate::services::{Consumer, Service};
use crate::store::{Class, Row, StoreError, Tx};
use crate::testing::{TestBroker, TestPlatform};

use super::tests::{Recorder, event};
use super::{Group, GroupStatus};

const SOON: Duration = Duration::from_mins(3);
const SERVICE: Service = Service::Order;

/// A database, topics of its own, and members of one group that come and go.
struct Rig {
    platform: TestPlatform,
    broker: TestBroker,
    log: EventLog,
    publisher: Publisher,
    published: i64,
}

struct Running {
    recorder: Arc<Recorder>,
    status: GroupStatus,
    stop: CancellationToken,
    task: tokio::task::JoinHandle<()>,
}

impl Running {
    async fn halt(self) {
        self.stop.cancel();
        tokio::time::timeout(SOON, self.task).await.expect("it stops").unwrap();
    }
}

impl Rig {
    async fn found() -> Option<Self> {
        let broker = TestBroker::found(SERVICE.topics()).await?;
        let platform = TestPlatform::new();
        let create = async |tx: &mut Tx| tx.execute("CREATE TABLE effects (place INTEGER, aggregate TEXT, amount INTEGER)", &[]).await;
        platform.context.store.write::<_, StoreError, _>(Class::Background, create).await.unwrap();
        let (log, publisher) = (EventLog::kafka(&broker.config).unwrap(), Publisher::new(&broker.config).unwrap());
        Some(Self { platform, broker, log, publisher, published: 0 })
    }

    fn member(&self) -> Running {
        let (recorder, stop) = (Arc::new(Recorder::new(&[])), CancellationToken::new());
        let consumer: Arc<dyn Consumer> = Arc::clone(&recorder) as _;
        let context = &self.platform.context;
        let group = Group::new(SERVICE, consumer, (&context.store, &self.log, &context.ambient), stop.clone()).unwrap();
        Running { recorder, status: group.status(), stop, task: tokio::spawn(group.run()) }
    }

    /// The next versions of forty aggregates on all partitions.
    async fn publish(&mut self, versions: std::ops::Range<i64>) {
        let mut records = Vec::new();
        for version in versions {
            for aggregate in 0..40 {
                let event = event(&format!("PY{aggregate}"), version, aggregate * 10_000 + version);
                let encoded = crate::event::encode(&event).unwrap();
                let key = format!("key-{aggregate}");
                let partition = crate::event::partition_of(key.as_bytes(), encoded.at.topic.partitions());
                let at = crate::event::TopicPartition { partition, ..encoded.at };
                let created_at = "2026-01-02T03:04:05.678901Z".to_owned();
                records.push(Record {
                    at,
                    offset: 0,
                    key,
                    headers: encoded.headers,
                    value: encoded.value,
                    is_tombstone: false,
                    created_at,
                });
            }
        }
        self.publisher.publish(&records).await.unwrap();
        self.published += i64::try_from(records.len()).unwrap();
    }

    async fn rows(&self, sql: &'static str) -> Vec<Row> {
        self.platform.context.store.read::<_, StoreError, _>(async move |tx: &mut Tx| tx.query(sql, &[]).await).await.unwrap()
    }

    async fn run(&self, sql: &'static str) {
        let run = async move |tx: &mut Tx| tx.execute(sql, &[]).await;
        self.platform.context.store.write::<_, StoreError, _>(Class::Background, run).await.unwrap();
    }

    /// Waits until every event has had its effect, and that only once.
    async fn applied(&self) {
        let all = async {
            loop {
                let rows = self.rows("SELECT count(*), count(DISTINCT aggregate || '/' || amount) FROM effects").await;
                let (effects, distinct): (i64, i64) = (rows[0].get(0).unwrap(), rows[0].get(1).unwrap());
                assert_eq!(effects, distinct, "an event had two effects");
                if effects == self.published {
                    return;
                }
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        };
        if tokio::time::timeout(SOON, all).await.is_err() {
            let sql = "SELECT 'effects: ' || count(*) FROM effects UNION ALL SELECT member || ' is ' || state || ' ' || coalesce(reason, '') \
                       FROM group_members UNION ALL SELECT 'partition ' || partition || ' next ' || next_offset FROM consumer_offsets";
            let said: Vec<String> = self.rows(sql).await.iter().map(|row| row.get(0).unwrap()).collect();
            panic!("not every one of {} events has its effect: {said:#?}", self.published);
        }
        assert_eq!(self.rows("SELECT id FROM dlq").await.len(), 0, "nothing was parked");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn members_that_come_and_go_apply_every_event_once_and_in_order() {
    let Some(mut rig) = Rig::found().await else { return };
    let one = rig.member();
    rig.publish(1..11).await;
    rig.applied().await;
    let other = rig.member();
    let mut version = 11;
    let shared = async {
        while other.recorder.calls() == 0 {
            rig.publish(version..version + 2).await;
            version += 2;
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    };
    tokio::time::timeout(SOON, shared).await.expect("the second member gets its part");
    rig.applied().await;
    let before = one.recorder.calls();
    rig.publish(version..version + 10).await;
    rig.applied().await;
    assert!(one.recorder.calls() > before, "the first member still has a part");
    one.halt().await;
    rig.publish(version + 10..version + 20).await;
    rig.applied().await;
    other.halt().await;
    let alone = rig.member();
    rig.publish(version + 20..version + 22).await;
    rig.applied().await;
    alone.halt().await;
    rig.broker.gone().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_log_that_is_not_the_one_that_was_read_stops_the_group_until_somebody_decides() {
    let Some(mut rig) = Rig::found().await else { return };
    let member = rig.member();
    rig.publish(1..6).await;
    rig.applied().await;
    member.halt().await;
    let faults = BTreeMap::from([
        ("UPDATE consumer_offsets SET cluster_id = 'another'", "has read cluster another"),
        ("UPDATE consumer_offsets SET last_event_id = '00000000-0000-0000-0000-000000000001' WHERE next_offset > 0", "lies there"),
        ("UPDATE consumer_offsets SET next_offset = next_offset + 1000 WHERE next_offset > 0", "was emptied or made anew"),
    ]);
    for (fault, says) in faults {
        rig.run("CREATE TABLE kept AS SELECT * FROM consumer_offsets").await;
        rig.run(fault).await;
        let member = rig.member();
        let told = async {
            loop {
                match member.status.fault() {
                    Some(fault) if fault.contains(says) => return fault,
                    _ => tokio::time::sleep(Duration::from_millis(50)).await,
                }
            }
        };
        let told = tokio::time::timeout(SOON, told).await.unwrap_or_else(|_| panic!("not {says}, but {:?}", member.status.fault()));
        assert!(told.contains("payctl groups reset-offsets"), "{told}");
        // The cure is a change of rows, and the member that waits takes it up.
        rig.run(
            "UPDATE consumer_offsets SET (next_offset, last_event_id, cluster_id) = \
             (SELECT next_offset, last_event_id, cluster_id FROM kept k WHERE k.topic = consumer_offsets.topic \
              AND k.partition = consumer_offsets.partition)",
        )
        .await;
        rig.run("DROP TABLE kept").await;
        let cured = async {
            while member.status.fault().is_some() {
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        };
        tokio::time::timeout(SOON, cured).await.expect("it goes on by itself");
        member.halt().await;
    }
    let member = rig.member();
    rig.publish(6..8).await;
    rig.applied().await;
    member.halt().await;
    rig.broker.gone().await;
}
