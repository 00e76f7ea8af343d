#![expect(clippy::disallowed_methods, reason = "a test runs the loop as a task of its own")]

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex};

use futures_util::future::LocalBoxFuture;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::domain::{Currency, Email, MerchantId, PaymentStatus};
use crate::event::{Cause, Event, EventKind, Extra, NewEvent, Payload, PaymentPayload, Record, encode};
use crate::log::EventLog;
use crate::services::{Consumer, HandleError, Service};
use crate::store::{Class, StoreError, Tx};
use crate::testing::TestPlatform;

use super::{Delivered, Direct, Group, GroupStatus};

/// What the consumer under test does with an event whose amount it finds here.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Fault {
    Poison,
    Panic,
    Transient,
    /// Fails so many times, then passes.
    Infrastructure(i64),
}

/// Writes what it applies into a table of its own, in the transaction.
pub(super) struct Recorder {
    faults: Mutex<BTreeMap<i64, Fault>>,
    calls: AtomicI64,
    commits: watch::Sender<u64>,
}

impl Recorder {
    pub(super) fn new(faults: &[(i64, Fault)]) -> Self {
        Self { faults: Mutex::new(faults.iter().copied().collect()), calls: AtomicI64::new(0), commits: watch::channel(0).0 }
    }

    /// How often it was called.
    pub(super) fn calls(&self) -> i64 {
        self.calls.load(Ordering::Relaxed)
    }
}

impl Consumer for Recorder {
    fn apply<'a>(&'a self, tx: &'a mut Tx, events: &'a [Event]) -> LocalBoxFuture<'a, Result<(), HandleError>> {
        Box::pin(async move {
            self.calls.fetch_add(1, Ordering::Relaxed);
            for event in events {
                let Payload::Payment(payment) = &event.payload else { panic!("only payments here") };
                tx.execute(
                    "INSERT INTO effects (place, aggregate, amount) SELECT count(*), $1, $2 FROM effects",
                    &[(&event.aggregate_id).into(), payment.amount.into()],
                )
                .await?;
                let mut faults = self.faults.lock().unwrap();
                match faults.get(&payment.amount).copied() {
                    Some(Fault::Poison) => return Err(HandleError::poison("PLANTED", "planted")),
                    Some(Fault::Panic) => {
                        drop(faults);
                        panic!("planted panic")
                    }
                    Some(Fault::Transient) => return Err(HandleError::Transient("planted".to_owned())),
                    Some(Fault::Infrastructure(left)) if left > 0 => {
                        faults.insert(payment.amount, Fault::Infrastructure(left - 1));
                        return Err(HandleError::Infrastructure(StoreError::Unavailable("planted".to_owned())));
                    }
                    _ => {}
                }
            }
            Ok(())
        })
    }

    fn committed(&self) {
        self.commits.send_modify(|count| *count += 1);
    }
}

struct Rig {
    platform: TestPlatform,
    recorder: Arc<Recorder>,
    stop: CancellationToken,
    task: Option<tokio::task::JoinHandle<()>>,
    status: Option<GroupStatus>,
    service: Service,
}

impl Rig {
    async fn new(service: Service, faults: &[(i64, Fault)]) -> Self {
        let platform = TestPlatform::new();
        let create = async |tx: &mut Tx| tx.execute("CREATE TABLE effects (place INTEGER, aggregate TEXT, amount INTEGER)", &[]).await;
        platform.context.store.write::<_, StoreError, _>(Class::Background, create).await.unwrap();
        let recorder = Arc::new(Recorder::new(faults));
        Self { platform, recorder, stop: CancellationToken::new(), task: None, status: None, service }
    }

    fn run(&mut self) {
        self.stop = CancellationToken::new();
        let context = &self.platform.context;
        let log = EventLog::embedded(&context.store);
        let consumer: Arc<dyn Consumer> = Arc::clone(&self.recorder) as _;
        let group = Group::new(self.service, consumer, (&context.store, &log, &context.ambient), self.stop.clone()).unwrap();
        self.status = Some(group.status());
        self.task = Some(tokio::spawn(group.run()));
    }

    async fn halt(&mut self) {
        self.stop.cancel();
        self.task.take().unwrap().await.unwrap();
    }

    async fn publish(&self, events: Vec<NewEvent>) {
        let publish = async move |tx: &mut Tx| tx.publish(&events).await;
        self.platform.context.store.write::<_, StoreError, _>(Class::Ingress, publish).await.unwrap();
    }

    /// Waits until the group has read everything.
    async fn caught_up(&self) {
        let mut commits = self.recorder.commits.subscribe();
        let group = self.service.group().unwrap();
        loop {
            commits.borrow_and_update();
            let behind = self
                .ints(&format!(
                    "SELECT count(*) FROM events e LEFT JOIN consumer_offsets o ON o.grp = '{group}' AND o.topic = e.topic AND o.partition = e.partition \
                     WHERE e.topic = 'payment.events' AND e.seq >= coalesce(o.next_offset, 0)"
                ))
                .await;
            if behind == [0] {
                return;
            }
            tokio::time::timeout(std::time::Duration::from_secs(20), commits.changed()).await.unwrap().unwrap();
        }
    }

    async fn ints(&self, sql: &str) -> Vec<i64> {
        let sql = sql.to_owned();
        let read = async move |tx: &mut Tx| tx.query(&sql, &[]).await;
        let rows = self.platform.context.store.read::<_, StoreError, _>(read).await.unwrap();
        rows.iter().map(|row| row.get(0).unwrap()).collect()
    }

    /// Waits until the query answers so; the group does it with its heartbeat.
    async fn until(&self, sql: &str, wanted: i64) {
        for _ in 0..200 {
            if self.ints(sql).await == [wanted] {
                return;
            }
            tokio::time::sleep(std::time::Duration::from_millis(100)).await;
        }
        panic!("not within 20 s: {sql} is {wanted}");
    }

    async fn effects(&self) -> Vec<i64> {
        self.ints("SELECT amount FROM effects ORDER BY amount").await
    }
}

/// A payment event; `amount` names it in the assertions. All keys are one merchant's, so all lie in one partition.
pub(super) fn event(payment: &str, version: i64, amount: i64) -> NewEvent {
    let merchant = MerchantId(Uuid::from_u128(1));
    let now = crate::domain::parse_timestamp("2026-01-02T03:04:05Z").unwrap();
    NewEvent {
        event_id: Uuid::from_u128(u128::try_from(amount).unwrap()),
        kind: if version == 1 { EventKind::PaymentCreated } else { EventKind::PaymentSuccess },
        topic: crate::event::Topic::PaymentEvents,
        aggregate_id: payment.to_owned(),
        aggregate_version: version,
        merchant_id: Some(merchant),
        key: merchant.to_string(),
        timestamp: now,
        cause: Cause::default(),
        producer: "gateway",
        payload: Payload::Payment(Box::new(PaymentPayload {
            payment_no: payment.to_owned(),
            merchant_id: merchant,
            order_no: "1".to_owned(),
            amount,
            currency: Currency::USD,
            channel: "stripe".to_owned(),
            status: PaymentStatus::Pending,
            customer_email: Email::stored(""),
            created_at: now,
            paid_at: None,
            fee_bps: 0,
            fee_amount: 0,
            extra: Extra::new(),
        })),
    }
}

#[tokio::test]
async fn a_poison_event_is_parked_and_its_aggregate_waits_while_everything_else_flows() {
    for fault in [Fault::Poison, Fault::Panic] {
        let mut rig = Rig::new(Service::Accounting, &[(12, fault)]).await;
        rig.publish(vec![event("PY1", 1, 11), event("PY1", 2, 12), event("PY2", 1, 21), event("PY1", 3, 13), event("PY2", 2, 22)]).await;
        rig.run();
        rig.caught_up().await;
        assert_eq!(rig.effects().await, [11, 21, 22], "{fault:?}");
        assert_eq!(rig.ints("SELECT version FROM dlq WHERE state = 'failed'").await, [2]);
        assert_eq!(rig.ints("SELECT version FROM dlq WHERE state = 'blocked'").await, [3]);
        assert_eq!(rig.ints("SELECT version FROM applied_version WHERE aggregate_id = 'PY1'").await, [1]);
        rig.halt().await;
    }
}

#[tokio::test]
async fn in_a_group_without_order_only_the_poison_event_itself_is_parked() {
    let mut rig = Rig::new(Service::Analytics, &[(12, Fault::Poison)]).await;
    rig.publish(vec![event("PY1", 1, 11), event("PY1", 2, 12), event("PY1", 3, 13)]).await;
    rig.run();
    rig.caught_up().await;
    assert_eq!(rig.effects().await, [11, 13]);
    assert_eq!(rig.ints("SELECT version FROM dlq").await, [2]);
    assert_eq!(rig.ints("SELECT count(*) FROM inbox").await, [2]);
    rig.halt().await;
}

#[tokio::test]
async fn a_transient_failure_is_tried_four_times_and_then_parked() {
    let mut rig = Rig::new(Service::Order, &[(11, Fault::Transient)]).await;
    rig.publish(vec![event("PY1", 1, 11)]).await;
    rig.run();
    rig.caught_up().await;
    assert_eq!(rig.recorder.calls.load(Ordering::Relaxed), 4);
    assert_eq!(rig.ints("SELECT attempts FROM dlq WHERE error_code = 'TRANSIENT' AND retryable = 1").await, [4]);
    rig.halt().await;
}

#[tokio::test]
async fn an_infrastructure_failure_parks_nothing_and_passes() {
    let mut rig = Rig::new(Service::Order, &[(12, Fault::Infrastructure(3))]).await;
    rig.publish(vec![event("PY1", 1, 11), event("PY1", 2, 12)]).await;
    rig.run();
    rig.caught_up().await;
    assert_eq!(rig.effects().await, [11, 12]);
    assert_eq!(rig.ints("SELECT count(*) FROM dlq").await, [0]);
    rig.halt().await;
}

#[tokio::test]
async fn events_read_again_have_no_second_effect() {
    for service in [Service::Order, Service::Notification] {
        let mut rig = Rig::new(service, &[]).await;
        rig.publish(vec![event("PY1", 1, 11), event("PY2", 1, 21)]).await;
        rig.run();
        rig.caught_up().await;
        rig.halt().await;
        let rewind = async |tx: &mut Tx| tx.execute("UPDATE consumer_offsets SET next_offset = 0", &[]).await;
        rig.platform.context.store.write::<_, StoreError, _>(Class::Background, rewind).await.unwrap();
        rig.publish(vec![event("PY1", 2, 12)]).await;
        rig.run();
        rig.caught_up().await;
        assert_eq!(rig.effects().await, [11, 12, 21], "{service}");
        rig.halt().await;
    }
}

#[tokio::test]
async fn a_version_that_has_not_come_yet_holds_the_later_ones() {
    let mut rig = Rig::new(Service::Order, &[]).await;
    rig.publish(vec![event("PY1", 2, 12), event("PY2", 1, 21)]).await;
    rig.run();
    rig.caught_up().await;
    assert_eq!(rig.effects().await, [21]);
    assert_eq!(rig.ints("SELECT version FROM dlq WHERE state = 'blocked' AND error_code = 'WAITING_FOR_VERSION'").await, [2]);
    rig.halt().await;
}

#[tokio::test]
async fn a_replayed_dead_letter_takes_effect_once_and_frees_those_behind_it() {
    let mut rig = Rig::new(Service::Accounting, &[(12, Fault::Poison)]).await;
    rig.publish(vec![event("PY1", 1, 11), event("PY1", 2, 12), event("PY1", 3, 13)]).await;
    rig.run();
    rig.caught_up().await;
    rig.recorder.faults.lock().unwrap().clear();
    let ask = async |tx: &mut Tx| tx.execute("UPDATE dlq SET state = 'replaying' WHERE state = 'failed'", &[]).await;
    rig.platform.context.store.write::<_, StoreError, _>(Class::Background, ask).await.unwrap();
    rig.until("SELECT count(*) FROM dlq WHERE state <> 'resolved'", 0).await;
    assert_eq!(rig.effects().await, [11, 12, 13]);
    assert_eq!(rig.ints("SELECT version FROM applied_version WHERE aggregate_id = 'PY1'").await, [3]);
    rig.halt().await;
}

#[tokio::test]
async fn what_cannot_be_decoded_is_parked_and_holds_its_aggregate() {
    let mut rig = Rig::new(Service::Order, &[]).await;
    rig.publish(vec![event("PY1", 1, 11)]).await;
    let forge = async |tx: &mut Tx| {
        for sql in TestPlatform::without_guards() {
            tx.execute(sql, &[]).await?;
        }
        tx.execute("UPDATE events SET value = $1", &[b"{".as_slice().into()]).await
    };
    rig.platform.context.store.write::<_, StoreError, _>(Class::Background, forge).await.unwrap();
    rig.publish(vec![event("PY1", 2, 12), event("PY2", 1, 21)]).await;
    rig.run();
    rig.caught_up().await;
    assert_eq!(rig.effects().await, [21]);
    assert_eq!(rig.ints("SELECT version FROM dlq WHERE error_code = 'UNDECODABLE_ENVELOPE' AND aggregate_id = 'PY1'").await, [1]);
    assert_eq!(rig.ints("SELECT version FROM dlq WHERE state = 'blocked'").await, [2]);
    rig.halt().await;
}

#[tokio::test]
async fn a_member_whose_partition_was_taken_commits_nothing() {
    let mut rig = Rig::new(Service::Order, &[]).await;
    rig.publish(vec![event("PY1", 1, 11)]).await;
    rig.run();
    rig.caught_up().await;
    let take = async |tx: &mut Tx| tx.execute("UPDATE consumer_offsets SET epoch = epoch + 1", &[]).await;
    rig.platform.context.store.write::<_, StoreError, _>(Class::Background, take).await.unwrap();
    rig.publish(vec![event("PY1", 2, 12)]).await;
    rig.caught_up().await;
    assert_eq!(rig.effects().await, [11, 12]);
    assert!(rig.ints("SELECT max(epoch) FROM consumer_offsets").await[0] >= 3);
    rig.halt().await;
}

#[tokio::test]
async fn what_waited_for_a_version_follows_when_that_comes() {
    let mut rig = Rig::new(Service::Order, &[]).await;
    rig.publish(vec![event("PY1", 4, 14), event("PY1", 3, 13), event("PY2", 1, 21)]).await;
    rig.run();
    rig.caught_up().await;
    assert_eq!(rig.effects().await, [21]);
    rig.publish(vec![event("PY1", 1, 11), event("PY1", 2, 12)]).await;
    rig.until("SELECT count(*) FROM dlq WHERE state <> 'resolved'", 0).await;
    rig.publish(vec![event("PY1", 5, 15)]).await;
    rig.caught_up().await;
    assert_eq!(rig.effects().await, [11, 12, 13, 14, 15, 21]);
    assert_eq!(rig.ints("SELECT amount FROM effects WHERE aggregate = 'PY1' ORDER BY place").await, [11, 12, 13, 14, 15]);
    rig.halt().await;
}

#[tokio::test]
async fn what_fails_again_keeps_those_behind_it_waiting() {
    let mut rig = Rig::new(Service::Accounting, &[(12, Fault::Poison)]).await;
    rig.publish(vec![event("PY1", 1, 11), event("PY1", 2, 12), event("PY1", 3, 13)]).await;
    rig.run();
    rig.caught_up().await;
    let ask = async |tx: &mut Tx| tx.execute("UPDATE dlq SET state = 'replaying'", &[]).await;
    rig.platform.context.store.write::<_, StoreError, _>(Class::Background, ask).await.unwrap();
    rig.until("SELECT count(*) FROM dlq WHERE state = 'replaying'", 0).await;
    assert_eq!(rig.ints("SELECT version FROM dlq WHERE state = 'failed' AND attempts = 2").await, [2]);
    assert_eq!(rig.ints("SELECT version FROM dlq WHERE state = 'blocked' AND attempts = 1").await, [3]);
    assert_eq!(rig.effects().await, [11]);
    rig.halt().await;
}

#[tokio::test]
async fn an_event_that_comes_past_the_log_has_its_one_effect() {
    for service in [Service::Order, Service::Analytics] {
        let mut rig = Rig::new(service, &[(22, Fault::Poison)]).await;
        let context = &rig.platform.context;
        let direct = Direct::new(service, Arc::clone(&rig.recorder) as _, &context.store).unwrap();
        let deliver = async |event: &NewEvent| direct.deliver(record(event)).await.unwrap();
        assert_eq!(deliver(&event("PY1", 1, 11)).await, Delivered::Applied);
        assert_eq!(deliver(&event("PY1", 1, 11)).await, Delivered::Done, "{service}");
        if service.is_ordered() {
            assert_eq!(deliver(&event("PY1", 3, 13)).await, Delivered::Wanted(2));
        }
        assert_eq!(deliver(&event("PY1", 2, 12)).await, Delivered::Applied);
        assert_eq!(deliver(&event("PY2", 1, 22)).await, Delivered::Refused("planted".to_owned()));
        rig.publish(vec![event("PY1", 1, 11), event("PY1", 2, 12), event("PY1", 3, 13), event("PY2", 1, 22), event("PY2", 2, 23)]).await;
        rig.run();
        rig.caught_up().await;
        let effects: &[i64] = if service.is_ordered() { &[11, 12, 13] } else { &[11, 12, 13, 23] };
        assert_eq!(rig.effects().await, effects, "{service}");
        assert_eq!(rig.ints("SELECT version FROM dlq WHERE state = 'failed'").await, [1]);
        if service.is_ordered() {
            assert_eq!(direct.deliver(record(&event("PY2", 2, 23))).await.unwrap(), Delivered::Held);
        }
        rig.halt().await;
    }
}

/// What the relay would post.
fn record(event: &NewEvent) -> Record {
    let encoded = encode(event).unwrap();
    Record {
        at: encoded.at,
        offset: -1,
        key: String::new(),
        headers: "{}".to_owned(),
        value: encoded.value,
        is_tombstone: false,
        created_at: String::new(),
    }
}

#[tokio::test]
async fn a_flood_of_poison_opens_the_circuit_and_its_end_closes_it() {
    let events: Vec<NewEvent> = (0..300).map(|n| event(&format!("PY{n}"), 1, 1_000 + n)).collect();
    let faults: Vec<(i64, Fault)> = (0..300).map(|n| (1_000 + n, Fault::Poison)).collect();
    let mut rig = Rig::new(Service::Accounting, &faults).await;
    rig.publish(events).await;
    rig.run();
    let status = rig.status.clone().unwrap();
    for _ in 0..200 {
        if status.fault().is_some_and(|fault| fault.starts_with("circuit open")) {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    assert!(status.fault().unwrap().contains("PLANTED"), "{:?}", status.fault());
    assert_eq!(rig.ints("SELECT count(*) FROM dlq").await, [20]);
    // Whoever looks at the group meanwhile sees a member that lives and what it waits for.
    rig.until("SELECT count(*) FROM group_members WHERE state = 'paused' AND reason LIKE 'circuit open%'", 1).await;
    rig.recorder.faults.lock().unwrap().clear();
    rig.caught_up().await;
    assert_eq!(rig.effects().await.len(), 280);
    assert_eq!((rig.ints("SELECT count(*) FROM dlq").await, status.fault()), (vec![20], None));
    rig.halt().await;
}
