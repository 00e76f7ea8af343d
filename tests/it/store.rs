//! What every engine of the store must do.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Barrier};

use futures_util::FutureExt as _;
use futures_util::future::join_all;
use payctl::config::Ambient;
use payctl::domain::{Timestamp, parse_timestamp};
use payctl::event::{EncodedEvent, NewEvent};
use payctl::store::{Class, Fields, Set, Store, StoreError, Tx, Type, Value, text_field};
use uuid::Uuid;

use crate::engine::{Embedded, Engine, NOW, conformance, event};
use crate::server::Server;

conformance! { sqlite if Some(super::Embedded::new()), postgres if super::Server::found(); {
    what_is_acknowledged_is_there_after_opening_again
    a_job_that_fails_leaves_nothing_behind
    a_job_that_panics_leaves_nothing_behind_and_the_store_goes_on
    a_job_that_goes_on_after_an_error_is_refused
    an_event_is_there_exactly_when_its_state_is
    what_goes_before_events_is_there_exactly_when_they_are
    a_job_that_begins_by_publishing_nothing_is_whole
    an_aggregate_version_is_taken_once
    an_event_id_is_taken_once
    events_are_never_changed_or_removed
    a_group_keeps_its_good_jobs_when_neighbours_fail
    a_read_sees_one_moment_however_long_it_takes
    readers_together_see_one_moment_while_others_write
    readers_together_fail_together
    a_read_cannot_write
    a_write_is_seen_by_the_next_read
    a_set_writes_every_row_and_returns_what_it_wrote
    an_empty_set_does_nothing
    a_set_that_meets_a_constraint_is_refused_whole
    every_type_of_value_is_read_back
    a_scan_shows_what_a_query_returns
    a_column_of_another_type_is_an_error
    a_wrong_statement_is_refused
    the_time_of_a_transaction_is_that_of_the_platform
    a_reader_beside_the_platform_sees_what_is_committed
    a_store_opened_for_reading_refuses_to_write
    closing_finishes_what_is_queued
    a_caller_that_gives_up_harms_nobody
}}

const INSERT: &str = "INSERT INTO notes (id, word) VALUES ($1, $2)";

const COLUMNS: &[(&str, Type)] =
    &[("id", Type::Int), ("word", Type::Text), ("note", Type::Text), ("data", Type::Blob), ("at", Type::Time), ("ref", Type::Uuid)];

const NOTES: Set = Set {
    sql: "INSERT INTO notes (id, word, note, data, at, ref) SELECT id, word, note, data, at, ref FROM {rows} WHERE true \
          ON CONFLICT (word) DO NOTHING",
    columns: COLUMNS,
};

const NOTES_RETURNED: Set = Set {
    sql: "INSERT INTO notes (id, word, note, data, at, ref) SELECT id, word, note, data, at, ref FROM {rows} WHERE true \
          ON CONFLICT (word) DO NOTHING RETURNING id",
    columns: COLUMNS,
};

const STRICT_NOTES: Set =
    Set { sql: "INSERT INTO notes (id, word) SELECT id, word FROM {rows}", columns: &[("id", Type::Int), ("word", Type::Text)] };

async fn insert(store: &Store, id: i64, word: &str) -> Result<(), StoreError> {
    let word = word.to_owned();
    store
        .write(Class::Ingress, async move |tx: &mut Tx| {
            tx.execute(INSERT, &[id.into(), (&word).into()]).await?;
            Ok(())
        })
        .await
}

async fn ids(store: &Store) -> Vec<i64> {
    let rows = store.read(async |tx: &mut Tx| tx.query("SELECT id FROM notes ORDER BY id", &[]).await).await.unwrap();
    rows.iter().map(|row| row.get(0).unwrap()).collect()
}

async fn published(store: &Store) -> i64 {
    let counted = store.read(async |tx: &mut Tx| tx.query_one("SELECT count(*) FROM events", &[]).await).await;
    counted.unwrap().unwrap().get(0).unwrap()
}

async fn publish(store: &Store, events: Vec<NewEvent>) -> Result<(), StoreError> {
    store.write(Class::Ingress, async move |tx: &mut Tx| tx.publish(&events).await).await
}

/// Closing blocks, as the platform's shutdown does.
async fn close(store: Store) {
    tokio::task::spawn_blocking(move || store.close()).await.unwrap();
}

async fn what_is_acknowledged_is_there_after_opening_again(engine: impl Engine) {
    let store = engine.open();
    insert(&store, 1, "one").await.unwrap();
    close(store).await;
    let store = engine.open();
    insert(&store, 2, "two").await.unwrap();
    assert_eq!(ids(&store).await, [1, 2]);
}

async fn a_job_that_fails_leaves_nothing_behind(engine: impl Engine) {
    let store = engine.open();
    let failed: Result<(), StoreError> = store
        .write(Class::Ingress, async |tx: &mut Tx| {
            tx.execute(INSERT, &[1i64.into(), "one".into()]).await?;
            Err(StoreError::Encode("on purpose".to_owned()))
        })
        .await;
    assert!(matches!(failed, Err(StoreError::Encode(_))), "the job's own error comes back: {failed:?}");
    assert_eq!(ids(&store).await, Vec::<i64>::new());
}

async fn a_job_that_panics_leaves_nothing_behind_and_the_store_goes_on(engine: impl Engine) {
    let store = engine.open();
    let failed: Result<(), StoreError> = store
        .write(Class::Ingress, async |tx: &mut Tx| {
            tx.execute(INSERT, &[1i64.into(), "one".into()]).await?;
            panic!("on purpose")
        })
        .await;
    assert!(matches!(&failed, Err(StoreError::Panicked(text)) if text == "on purpose"), "{failed:?}");
    let read: Result<(), StoreError> = store.read(async |_: &mut Tx| panic!("a reader")).await;
    assert!(matches!(read, Err(StoreError::Panicked(_))), "{read:?}");
    insert(&store, 2, "two").await.unwrap();
    assert_eq!(ids(&store).await, [2]);
}

async fn a_job_that_goes_on_after_an_error_is_refused(engine: impl Engine) {
    let store = engine.open();
    let refused = store
        .write(Class::Ingress, async |tx: &mut Tx| {
            tx.execute(INSERT, &[1i64.into(), "one".into()]).await?;
            if tx.execute(INSERT, &[2i64.into(), "one".into()]).await.is_err() {
                tx.execute(INSERT, &[2i64.into(), "two".into()]).await?;
            }
            Ok::<_, StoreError>(())
        })
        .await;
    assert!(matches!(refused, Err(StoreError::WentOn)), "{refused:?}");
    assert_eq!(ids(&store).await, Vec::<i64>::new());
    insert(&store, 3, "three").await.unwrap();
}

async fn an_event_is_there_exactly_when_its_state_is(engine: impl Engine) {
    let (store, ambient) = (engine.open(), Ambient::system());
    for (id, fails) in [(1i64, false), (2, true), (3, false)] {
        let event = event(&ambient, &format!("PY{id}"), 1, "key");
        let done: Result<(), StoreError> = store
            .write(Class::Ingress, async move |tx: &mut Tx| {
                tx.publish(std::slice::from_ref(&event)).await?;
                tx.execute(INSERT, &[id.into(), format!("word {id}").into()]).await?;
                if fails { Err(StoreError::Encode("on purpose".to_owned())) } else { Ok(()) }
            })
            .await;
        assert_eq!(done.is_err(), fails);
    }
    assert_eq!(ids(&store).await, [1, 3]);
    let of = store.read(async |tx: &mut Tx| tx.query("SELECT aggregate_id FROM events ORDER BY seq", &[]).await).await.unwrap();
    assert_eq!(of.iter().map(|row| row.get::<String>(0).unwrap()).collect::<Vec<_>>(), ["PY1", "PY3"]);
}

async fn an_aggregate_version_is_taken_once(engine: impl Engine) {
    let (store, ambient) = (engine.open(), Ambient::system());
    publish(&store, vec![event(&ambient, "PY1", 1, "key"), event(&ambient, "PY1", 2, "key")]).await.unwrap();
    let refused = publish(&store, vec![event(&ambient, "PY2", 1, "key"), event(&ambient, "PY1", 2, "key")]).await;
    assert!(matches!(refused, Err(StoreError::Constraint(_))), "{refused:?}");
    assert_eq!(published(&store).await, 2, "nothing of the refused job stays");
}

async fn what_goes_before_events_is_there_exactly_when_they_are(engine: impl Engine) {
    let (store, ambient) = (engine.open(), Ambient::system());
    let put = async |ids: &'static [i64], word: &'static str, event: &EncodedEvent| {
        let event = event.clone();
        let written = async move |tx: &mut Tx| {
            let notes = ids.iter().map(|id| vec![(*id).into(), format!("{word} {id}").into()]).collect();
            tx.publish_behind(vec![(&STRICT_NOTES, notes), (&STRICT_NOTES, Vec::new())], &[&event]).await
        };
        store.write::<_, StoreError, _>(Class::Ingress, written).await
    };
    let [first, second] = ["PY1", "PY2"].map(|id| EncodedEvent::new(event(&ambient, id, 1, "key")).unwrap());
    put(&[1, 2], "first", &first).await.unwrap();
    let twice = put(&[3], "twice", &first).await;
    assert!(matches!(twice, Err(StoreError::Constraint(_))), "the event is there already: {twice:?}");
    let taken = put(&[4, 2], "taken", &second).await;
    assert!(matches!(taken, Err(StoreError::Constraint(_))), "the row is there already: {taken:?}");
    assert_eq!((ids(&store).await, published(&store).await), (vec![1, 2], 1));
    put(&[5], "second", &second).await.unwrap();
    assert_eq!((ids(&store).await, published(&store).await), (vec![1, 2, 5], 2));
}

async fn a_job_that_begins_by_publishing_nothing_is_whole(engine: impl Engine) {
    let store = engine.open();
    let failed: Result<(), StoreError> = store
        .write(Class::Ingress, async |tx: &mut Tx| {
            tx.publish(&[]).await?;
            tx.execute(INSERT, &[1i64.into(), "one".into()]).await?;
            Err(StoreError::Encode("on purpose".to_owned()))
        })
        .await;
    assert!(matches!(failed, Err(StoreError::Encode(_))), "{failed:?}");
    assert_eq!(ids(&store).await, Vec::<i64>::new());
}

async fn an_event_id_is_taken_once(engine: impl Engine) {
    let (store, ambient) = (engine.open(), Ambient::system());
    let first = event(&ambient, "PY1", 1, "key");
    let again = NewEvent { aggregate_id: "PY2".to_owned(), ..first.clone() };
    publish(&store, vec![first]).await.unwrap();
    assert!(matches!(publish(&store, vec![again]).await, Err(StoreError::Constraint(_))));
    assert_eq!(published(&store).await, 1);
}

async fn events_are_never_changed_or_removed(engine: impl Engine) {
    let (store, ambient) = (engine.open(), Ambient::system());
    publish(&store, vec![event(&ambient, "PY1", 1, "key")]).await.unwrap();
    for sql in ["UPDATE events SET event_type = 'payment.failed'", "DELETE FROM events"] {
        let refused = store.write(Class::Background, async move |tx: &mut Tx| tx.execute(sql, &[]).await).await;
        assert!(refused.is_err(), "{sql}");
    }
    assert_eq!(published(&store).await, 1);
}

async fn a_group_keeps_its_good_jobs_when_neighbours_fail(engine: impl Engine) {
    let store = engine.open();
    insert(&store, 0, "taken").await.unwrap();
    let jobs = (1..=300i64).map(|id| {
        let store = store.clone();
        async move {
            let word = if id % 7 == 0 { "taken".to_owned() } else { format!("word {id}") };
            let done: Result<(), StoreError> = store
                .write(Class::Ingress, async move |tx: &mut Tx| {
                    tx.execute("INSERT INTO notes (id, word) VALUES ($1, $2)", &[(-id).into(), format!("first {id}").into()]).await?;
                    tx.execute(INSERT, &[id.into(), (&word).into()]).await?;
                    assert!(id % 11 != 0, "on purpose");
                    if id % 13 == 0 { Err(StoreError::Encode("on purpose".to_owned())) } else { Ok(()) }
                })
                .await;
            (id, done)
        }
    });
    let done = join_all(jobs).await;
    let good = |id: i64| id % 7 != 0 && id % 11 != 0 && id % 13 != 0;
    for (id, result) in done {
        assert_eq!(result.is_ok(), good(id), "{id}: {result:?}");
    }
    let kept: Vec<i64> = ids(&store).await;
    let expected: Vec<i64> = (-300..=300).filter(|id| *id == 0 || good(*id)).collect();
    assert_eq!(kept, expected);
}

async fn a_read_sees_one_moment_however_long_it_takes(engine: impl Engine) {
    let store = engine.open();
    insert(&store, 1, "one").await.unwrap();
    let (begun, written) = (Arc::new(Barrier::new(2)), Arc::new(Barrier::new(2)));
    let (its_begun, its_written) = (Arc::clone(&begun), Arc::clone(&written));
    let slow = store.read(async move |tx: &mut Tx| {
        let before = tx.query("SELECT id FROM notes", &[]).await?.len();
        its_begun.wait();
        its_written.wait();
        Ok::<_, StoreError>((before, tx.query("SELECT id FROM notes", &[]).await?.len()))
    });
    let writing = async {
        tokio::task::spawn_blocking(move || begun.wait()).await.unwrap();
        insert(&store, 2, "two").await.unwrap();
        tokio::task::spawn_blocking(move || written.wait()).await.unwrap();
    };
    let (seen, ()) = tokio::join!(slow, writing);
    assert_eq!(seen.unwrap(), (1, 1));
    assert_eq!(ids(&store).await, [1, 2]);
}

async fn readers_together_see_one_moment_while_others_write(engine: impl Engine) {
    const READS: usize = 30;
    let store = engine.open();
    let done = Arc::new(AtomicBool::new(false));
    let reading = async {
        let mut most = 0;
        for _ in 0..READS {
            let counted = store.read_together(async |tx: &mut Tx| {
                let row = tx.query_one("SELECT count(*) FROM notes", &[]).await?;
                row.map_or(Ok(0i64), |row| row.get(0))
            });
            let counted: Vec<i64> = Result::<_, StoreError>::unwrap(counted.await);
            assert!(counted.windows(2).all(|pair| pair[0] == pair[1]), "{counted:?}");
            most = most.max(counted.len());
        }
        done.store(true, Ordering::Relaxed);
        most
    };
    let writing = async {
        let mut id = 0;
        while !done.load(Ordering::Relaxed) {
            id += 1;
            insert(&store, id, &id.to_string()).await.unwrap();
        }
        id
    };
    let (most, written) = tokio::join!(reading, writing);
    let cores = std::thread::available_parallelism().unwrap().get();
    assert!(most > 1 || cores == 1, "they were never two in {READS} reads beside {written} writes");
}

async fn readers_together_fail_together(engine: impl Engine) {
    let store = engine.open();
    let asked = Arc::new(AtomicUsize::new(0));
    let its = Arc::clone(&asked);
    let failed = store.read_together(async move |tx: &mut Tx| {
        let is_first = its.fetch_add(1, Ordering::Relaxed) == 0;
        tx.query(if is_first { "SELECT nothing FROM notes" } else { "SELECT id FROM notes" }, &[]).await.map(|rows| rows.len())
    });
    assert!(matches!(failed.await, Err(StoreError::Statement(_))));
    let again = store.read_together(async |tx: &mut Tx| tx.query("SELECT id FROM notes", &[]).await.map(|rows| rows.len()));
    assert!(again.await.unwrap().iter().all(|rows| *rows == 0), "{} have asked", asked.load(Ordering::Relaxed));
}

async fn a_read_cannot_write(engine: impl Engine) {
    let store = engine.open();
    let refused = store.read(async |tx: &mut Tx| tx.execute(INSERT, &[1i64.into(), "one".into()]).await).await;
    assert!(refused.is_err());
    assert_eq!(ids(&store).await, Vec::<i64>::new());
}

async fn a_write_is_seen_by_the_next_read(engine: impl Engine) {
    let store = engine.open();
    for id in 1..=50 {
        insert(&store, id, &format!("word {id}")).await.unwrap();
        assert_eq!(ids(&store).await.last(), Some(&id));
    }
}

async fn a_set_writes_every_row_and_returns_what_it_wrote(engine: impl Engine) {
    let store = engine.open();
    insert(&store, 1, "taken").await.unwrap();
    let written = store
        .write(Class::Consumer, async |tx: &mut Tx| {
            let row = |id: i64, word: &'static str| vec![id.into(), word.into(), Value::Null, Value::Null, Value::Null, Value::Null];
            let mut found: Vec<i64> = Vec::new();
            for row in tx.query_set(&NOTES_RETURNED, &[row(2, "two"), row(3, "taken"), row(4, "four")]).await? {
                found.push(row.get(0)?);
            }
            Ok::<_, StoreError>((found, tx.execute_set(&NOTES, &[row(5, "five"), row(6, "five")]).await?))
        })
        .await;
    let (mut found, changed) = written.unwrap();
    found.sort_unstable();
    assert_eq!((found, changed), (vec![2, 4], 1));
    assert_eq!(ids(&store).await, [1, 2, 4, 5]);
}

async fn an_empty_set_does_nothing(engine: impl Engine) {
    let store = engine.open();
    let done = store
        .write(Class::Consumer, async |tx: &mut Tx| {
            Ok::<_, StoreError>((tx.execute_set(&NOTES, &[]).await?, tx.query_set(&NOTES_RETURNED, &[]).await?))
        })
        .await;
    assert_eq!(done.unwrap(), (0, vec![]));
}

async fn a_set_that_meets_a_constraint_is_refused_whole(engine: impl Engine) {
    let store = engine.open();
    insert(&store, 1, "taken").await.unwrap();
    let refused = store
        .write(Class::Consumer, async |tx: &mut Tx| {
            tx.execute_set(&STRICT_NOTES, &[vec![2i64.into(), "two".into()], vec![3i64.into(), "taken".into()]]).await
        })
        .await;
    assert!(matches!(refused, Err(StoreError::Constraint(_))), "{refused:?}");
    assert_eq!(ids(&store).await, [1]);
}

async fn every_type_of_value_is_read_back(engine: impl Engine) {
    let store = engine.open();
    let (at, id) = (parse_timestamp(NOW).unwrap(), Uuid::from_u128(0x0190_0000_0000_7000_8000_0000_0000_0001));
    let bytes: Vec<u8> = (0..=255).collect();
    let expected = bytes.clone();
    store
        .write(Class::Consumer, async move |tx: &mut Tx| {
            let row = vec![i64::MIN.into(), "文字 \" ' ; \u{1f980}".into(), "".into(), (&bytes).into(), at.into(), id.into()];
            tx.execute_set(&NOTES, &[row]).await
        })
        .await
        .unwrap();
    let row = store.read(async |tx: &mut Tx| tx.query_one("SELECT id, word, note, data, at, ref FROM notes", &[]).await).await;
    let row = row.unwrap().unwrap();
    assert_eq!(row.get::<i64>(0).unwrap(), i64::MIN);
    assert_eq!(row.get::<String>(1).unwrap(), "文字 \" ' ; \u{1f980}");
    assert_eq!(row.get::<Option<String>>(2).unwrap(), Some(String::new()), "an empty text is not NULL");
    assert_eq!(row.get::<Vec<u8>>(3).unwrap(), expected);
    assert_eq!(row.get::<Timestamp>(4).unwrap(), at);
    assert_eq!(row.get::<Uuid>(5).unwrap(), id);
}

async fn a_scan_shows_what_a_query_returns(engine: impl Engine) {
    let store = engine.open();
    for id in 1..=3 {
        insert(&store, id, &format!("wörd {id}")).await.unwrap();
    }
    let sql = "SELECT id, word, note, hashtextextended(word, $1) FROM notes ORDER BY id";
    let scanned = store.read::<_, StoreError, _>(async move |tx: &mut Tx| {
        let mut seen = Vec::new();
        let see = &mut |row: &dyn Fields| {
            assert!(matches!(row.field(2)?, Value::Null) && row.raw(2).is_err() && row.int(1).is_err());
            seen.push((row.int(0)?, text_field(row, 1)?.to_owned(), row.int(3)?));
            Ok(())
        };
        tx.scan(sql, &[7_i64.into()], see).await?;
        Ok(seen)
    });
    let scanned = scanned.await.unwrap();
    let queried = store.read::<_, StoreError, _>(async move |tx: &mut Tx| {
        let rows = tx.query(sql, &[7_i64.into()]).await?;
        rows.iter().map(|row| Ok((row.get(0)?, row.get(1)?, row.get(3)?))).collect::<Result<Vec<_>, StoreError>>()
    });
    assert_eq!(scanned, queried.await.unwrap());
    let ended = store.read::<(), StoreError, _>(async move |tx: &mut Tx| {
        tx.scan(sql, &[7_i64.into()], &mut |row| if row.int(0)? == 2 { Err(StoreError::Column(9)) } else { Ok(()) }).await
    });
    assert!(matches!(ended.await, Err(StoreError::Column(9))));
    assert_eq!(ids(&store).await, [1, 2, 3]);
}

async fn a_column_of_another_type_is_an_error(engine: impl Engine) {
    let store = engine.open();
    insert(&store, 1, "one").await.unwrap();
    let row = store.read(async |tx: &mut Tx| tx.query_one("SELECT id, word, note FROM notes", &[]).await).await.unwrap().unwrap();
    assert!(matches!(row.get::<String>(0), Err(StoreError::Column(0))));
    assert!(matches!(row.get::<i64>(1), Err(StoreError::Column(1))));
    assert!(matches!(row.get::<String>(2), Err(StoreError::Column(2))), "NULL is no text");
    assert!(matches!(row.get::<i64>(9), Err(StoreError::Column(9))));
}

async fn a_wrong_statement_is_refused(engine: impl Engine) {
    let store = engine.open();
    let refused = store.write(Class::Background, async |tx: &mut Tx| tx.execute("INSERT INTO nowhere VALUES (1)", &[]).await).await;
    assert!(matches!(refused, Err(StoreError::Statement(_))), "{refused:?}");
    insert(&store, 1, "one").await.unwrap();
}

async fn the_time_of_a_transaction_is_that_of_the_platform(engine: impl Engine) {
    let store = engine.open();
    let at = store.write(Class::Background, async |tx: &mut Tx| Ok::<_, StoreError>((tx.now(), tx.now()))).await.unwrap();
    assert_eq!(at, (parse_timestamp(NOW).unwrap(), parse_timestamp(NOW).unwrap()));
}

async fn a_reader_beside_the_platform_sees_what_is_committed(engine: impl Engine) {
    let store = engine.open();
    insert(&store, 1, "one").await.unwrap();
    let beside = engine.open_read_only().unwrap();
    assert_eq!(ids(&beside).await, [1]);
    insert(&store, 2, "two").await.unwrap();
    assert_eq!(ids(&beside).await, [1, 2]);
    close(store).await;
    assert_eq!(ids(&beside).await, [1, 2], "it reads on when the platform has stopped");
}

async fn a_store_opened_for_reading_refuses_to_write(engine: impl Engine) {
    close(engine.open()).await;
    let beside = engine.open_read_only().unwrap();
    assert!(insert(&beside, 1, "one").await.is_err());
    assert_eq!(ids(&beside).await, Vec::<i64>::new());
}

async fn closing_finishes_what_is_queued(engine: impl Engine) {
    let store = engine.open();
    let writing = join_all((1..=200).map(|id| {
        let store = store.clone();
        async move { (id, insert(&store, id, &format!("word {id}")).await) }
    }));
    let (done, ()) = tokio::join!(writing, close(store.clone()));
    let acknowledged: Vec<i64> = done.iter().filter(|(_, result)| result.is_ok()).map(|(id, _)| *id).collect();
    assert!(matches!(insert(&store, 999, "late").await, Err(StoreError::Unavailable(_))));
    drop(store);
    assert_eq!(ids(&engine.open()).await, acknowledged);
}

async fn a_caller_that_gives_up_harms_nobody(engine: impl Engine) {
    let store = engine.open();
    for id in 1..=20 {
        // Polled once and dropped: the job is queued, nobody waits for the answer.
        let _ = insert(&store, id, &format!("word {id}")).now_or_never();
    }
    insert(&store, 100, "last").await.unwrap();
    // An engine with several writers may still be at the others.
    close(store).await;
    assert_eq!(ids(&engine.open()).await.len(), 21);
}
