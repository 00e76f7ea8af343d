//! What the engine behind a socket owes beyond the suite of every engine: several writers that seem like one, connections
//! that come back, a schema that many processes may bring up at once.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use futures_util::future::join_all;
use payctl::config::{Ambient, DatabaseServer};
use payctl::daemon::{Outbox as _, StoreOutbox};
use payctl::services::Service;
use payctl::store::{Class, Migration, Store, StoreError, Tx};

use crate::engine::{Engine as _, event, migrations};
use crate::server::{Server, wait_for};

const COUNT: &str = "SELECT count(*) FROM notes";

async fn insert(store: &Store, id: i64) -> Result<(), StoreError> {
    let add = async move |tx: &mut Tx| {
        tx.execute("INSERT INTO notes (id, word) VALUES ($1, $2)", &[id.into(), format!("word {id}").into()]).await.map(drop)
    };
    store.write(Class::Ingress, add).await
}

async fn number(store: &Store, sql: &'static str) -> i64 {
    store.read(async move |tx: &mut Tx| tx.query_one(sql, &[]).await).await.unwrap().unwrap().get(0).unwrap()
}

#[tokio::test]
async fn what_is_read_and_written_back_by_many_at_once_is_never_lost() {
    let Some(server) = Server::found() else { return };
    let (store, runs) = (server.open(), Arc::new(AtomicU32::new(0)));
    insert(&store, 0).await.unwrap();
    let jobs = (0..60).map(|_| {
        let runs = Arc::clone(&runs);
        store.write(Class::Consumer, async move |tx: &mut Tx| {
            runs.fetch_add(1, Ordering::Relaxed);
            let row = tx.query_one("SELECT coalesce(note, '0') FROM notes WHERE id = 0", &[]).await?;
            let seen: i64 = row.unwrap().get::<String>(0)?.parse().unwrap();
            tx.execute("UPDATE notes SET note = $1 WHERE id = 0", &[(seen + 1).to_string().into()]).await?;
            Ok::<(), StoreError>(())
        })
    });
    for done in join_all(jobs).await {
        done.unwrap();
    }
    assert_eq!(number(&store, "SELECT CAST(note AS BIGINT) FROM notes WHERE id = 0").await, 60);
    assert!(runs.load(Ordering::Relaxed) > 60, "nothing collided, so nothing was tested");
}

#[tokio::test]
async fn nothing_is_written_outside_of_a_transaction() {
    let Some(server) = Server::found() else { return };
    let store = server.open();
    // A transaction that is over stands for one whose beginning somebody has cancelled: what follows is committed by itself.
    let refused: Result<(), StoreError> = store
        .write(Class::Consumer, async |tx: &mut Tx| {
            tx.execute("COMMIT", &[]).await?;
            tx.execute("INSERT INTO notes (id, word) VALUES (1, 'one')", &[]).await?;
            Ok(())
        })
        .await;
    assert!(matches!(refused, Err(StoreError::Unavailable(_))), "{refused:?}");
    assert_eq!(number(&store, COUNT).await, 0);
}

#[tokio::test]
async fn two_jobs_that_each_conclude_from_what_the_other_changes_do_not_both_stand() {
    let Some(server) = Server::found() else { return };
    let store = server.open();
    for round in 0..10i64 {
        let take = |id: i64| {
            store.write(Class::Consumer, async move |tx: &mut Tx| {
                let taken =
                    tx.query_one("SELECT count(*) FROM notes WHERE id IN ($1, $2)", &[(2 * round).into(), (2 * round + 1).into()]).await?;
                if taken.unwrap().get::<i64>(0)? == 0 {
                    tx.execute("INSERT INTO notes (id, word) VALUES ($1, $2)", &[id.into(), format!("word {id}").into()]).await?;
                }
                Ok::<(), StoreError>(())
            })
        };
        let (one, other) = tokio::join!(take(2 * round), take(2 * round + 1));
        one.and(other).unwrap();
    }
    assert_eq!(number(&store, COUNT).await, 10);
}

#[tokio::test]
async fn a_store_whose_connections_are_cut_goes_on_by_itself() {
    let Some(server) = Server::found() else { return };
    let store = server.open();
    insert(&store, 1).await.unwrap();
    for id in 2..12 {
        server.run("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()");
        insert(&store, id).await.unwrap();
    }
    assert_eq!(number(&store, COUNT).await, 11);
}

#[tokio::test]
async fn a_server_that_does_not_answer_is_named_and_refused_at_once() {
    let nowhere = DatabaseServer::parse("postgres://u@127.0.0.1:1/nothing").unwrap();
    let error = Store::connect(&nowhere, &Service::migrations(), &Ambient::system()).await.err().unwrap();
    assert!(matches!(&error, StoreError::Unavailable(text) if text.starts_with("127.0.0.1:1/nothing: ")), "{error}");
}

#[tokio::test]
async fn a_job_that_waits_for_something_else_is_refused() {
    let Some(server) = Server::found() else { return };
    let store = server.open();
    let waited: Result<(), StoreError> = store
        .write(Class::Background, async |tx: &mut Tx| {
            tx.execute("INSERT INTO notes (id, word) VALUES (1, 'one')", &[]).await?;
            tokio::time::sleep(std::time::Duration::from_secs(1)).await;
            Ok(())
        })
        .await;
    assert!(matches!(waited, Err(StoreError::Waited)), "{waited:?}");
    insert(&store, 1).await.unwrap();
}

#[tokio::test]
async fn each_event_is_in_the_outbox_under_its_own_number() {
    let Some(server) = Server::found() else { return };
    let (store, ambient) = (server.open(), Ambient::system());
    let mut bell = store.bell();
    bell.mark_unchanged();
    let events: Vec<_> = (1..=9).map(|number| event(&ambient, &format!("PY{}", number % 3), 1 + number / 3, "key")).take(8).collect();
    store.write(Class::Ingress, async move |tx: &mut Tx| tx.publish(&events).await).await.unwrap();
    assert!(bell.has_changed().unwrap());
    let same = "SELECT count(*) FROM events e JOIN outbox o ON o.seq = e.seq AND o.topic = e.topic AND o.kind = 'event' AND o.shard BETWEEN 0 AND 7";
    assert_eq!(number(&store, same).await, 8);
    assert_eq!(number(&store, "SELECT count(*) FROM (SELECT aggregate_id FROM events e JOIN outbox o ON o.seq = e.seq GROUP BY 1 HAVING count(DISTINCT shard) > 1) AS spread").await, 0);
}

#[tokio::test]
async fn what_a_process_relays_itself_is_the_same_whether_it_is_read_back_or_not() {
    let Some(server) = Server::found() else { return };
    let (store, other, ambient) = (server.open(), server.open(), Ambient::system());
    let relay = StoreOutbox::new(&store, "relay-1");
    let held = relay.share(&[]).await.unwrap();
    let shards: Vec<u16> = held.iter().map(|lease| lease.shard).collect();
    assert_eq!(shards.len(), 8);
    let events = |from: i64| -> Vec<_> { (from..from + 20).map(|number| event(&ambient, &format!("PY{number}"), 1, "key")).collect() };
    let (ours, theirs) = (events(100), events(200));
    store.write(Class::Ingress, async move |tx: &mut Tx| tx.publish(&ours).await).await.unwrap();
    other.write(Class::Ingress, async move |tx: &mut Tx| tx.publish(&theirs).await).await.unwrap();
    let kept = relay.batch(&shards, 100).await.unwrap();
    let read = StoreOutbox::new(&other, "relay-2").batch(&shards, 100).await.unwrap();
    assert_eq!(kept.len(), 40);
    assert_eq!(kept, read);
    assert_eq!(relay.batch(&shards, 100).await.unwrap(), read, "what was taken and not settled is read back");
}

#[tokio::test]
async fn many_processes_may_bring_the_schema_up_at_once() {
    let Some(server) = Server::empty() else { return };
    let opened: Vec<_> = std::thread::scope(|scope| {
        let opening: Vec<_> = (0..6).map(|_| scope.spawn(|| server.open())).collect();
        opening.into_iter().map(|one| one.join().unwrap()).collect()
    });
    for (store, id) in opened.iter().zip(1..) {
        insert(store, id).await.unwrap();
    }
    assert_eq!(number(&opened[0], COUNT).await, 6);
}

#[tokio::test]
async fn a_database_without_a_schema_is_not_read_and_one_from_the_future_is_refused() {
    let Some(server) = Server::empty() else { return };
    assert!(matches!(server.open_read_only(), Err(StoreError::Missing(_))));
    let future = Migration { owner: "order", number: 99, sqlite: "", postgres: "CREATE TABLE later (id BIGINT)" };
    let newer: Vec<Migration> = migrations().into_iter().chain([future]).collect();
    wait_for(Store::connect(&server.server, &newer, &server.ambient)).unwrap();
    for opened in [wait_for(Store::connect(&server.server, &migrations(), &server.ambient)), server.open_read_only()] {
        assert!(matches!(opened, Err(StoreError::Newer { found: 99, .. })));
    }
}

#[tokio::test]
async fn a_migration_that_fails_leaves_nothing() {
    let Some(server) = Server::empty() else { return };
    let broken =
        Migration { owner: "suite", number: 2, sqlite: "", postgres: "CREATE TABLE half (id BIGINT); INSERT INTO nowhere VALUES (1);" };
    let with_broken: Vec<Migration> = migrations().into_iter().chain([broken]).collect();
    assert!(wait_for(Store::connect(&server.server, &with_broken, &server.ambient)).is_err());
    let store = server.open();
    assert_eq!(number(&store, "SELECT count(*) FROM pg_class WHERE relname = 'half'").await, 0);
}

#[tokio::test]
async fn a_commit_that_is_cut_off_is_told_apart_and_not_run_again() {
    let Some(server) = Server::found() else { return };
    let (store, runs) = (server.open(), Arc::new(AtomicU32::new(0)));
    server.run(
        "CREATE FUNCTION cut_off() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_terminate_backend(pg_backend_pid()); RETURN NULL; END $$; \
         CREATE CONSTRAINT TRIGGER cut_off AFTER INSERT ON notes DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION cut_off()",
    );
    let counted = Arc::clone(&runs);
    let cut: Result<u64, StoreError> = store
        .write(Class::Ingress, async move |tx: &mut Tx| {
            counted.fetch_add(1, Ordering::Relaxed);
            tx.execute("INSERT INTO notes (id, word) VALUES (1, 'one')", &[]).await
        })
        .await;
    assert!(matches!(&cut, Err(error @ StoreError::UnknownOutcome(_)) if error.is_infrastructure()), "{cut:?}");
    assert_eq!((runs.load(Ordering::Relaxed), number(&store, COUNT).await), (1, 0));
    server.run("DROP TRIGGER cut_off ON notes");
    insert(&store, 1).await.unwrap();
}
