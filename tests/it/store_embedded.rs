//! What the embedded engine owes beyond the suite of every engine: its file, its PRAGMAs, its queue, its limits.

use std::path::Path;
use std::sync::{Arc, Barrier, Mutex};

use futures_util::future::join_all;
use payctl::config::Ambient;
use payctl::domain::parse_timestamp;
use payctl::services::Service;
use payctl::store::{Class, Migration, Store, StoreError, Tx};

use crate::engine::{Embedded, Engine as _, NOW, migrations};

const INSERT: &str = "INSERT INTO notes (id, word, data) VALUES ($1, $2, $3)";

fn open(dir: &Path, migrations: &[Migration]) -> Result<Store, StoreError> {
    Store::open(dir, migrations, &Ambient::fixed(parse_timestamp(NOW).unwrap()))
}

fn open_read_only(dir: &Path) -> Result<Store, StoreError> {
    Store::open_read_only(dir, &migrations(), &Ambient::fixed(parse_timestamp(NOW).unwrap()))
}

async fn insert(store: &Store, id: i64, bytes: usize) -> Result<(), StoreError> {
    let word = format!("word {id}");
    store
        .write(Class::Ingress, async move |tx: &mut Tx| {
            tx.execute(INSERT, &[id.into(), (&word).into(), (&vec![7u8; bytes]).into()]).await?;
            Ok(())
        })
        .await
}

async fn count(store: &Store) -> i64 {
    let row = store.read(async |tx: &mut Tx| tx.query_one("SELECT count(*) FROM notes", &[]).await).await;
    row.unwrap().unwrap().get(0).unwrap()
}

async fn pragma(tx: &mut Tx, name: &str) -> Result<String, StoreError> {
    let row = tx.query_one(&format!("PRAGMA {name}"), &[]).await?.unwrap();
    row.get::<i64>(0).map(|int| int.to_string()).or_else(|_| row.get::<String>(0))
}

/// Closes it and waits until its files are let go of.
async fn close(store: Store) {
    tokio::task::spawn_blocking(move || store.close()).await.unwrap();
}

fn refused(opened: Result<Store, StoreError>) -> StoreError {
    opened.err().expect("it should not open")
}

#[tokio::test]
async fn every_connection_is_durable_and_checks_its_references() {
    let store = Embedded::new().open();
    let wanted = [("journal_mode", "wal"), ("synchronous", "2"), ("foreign_keys", "1"), ("busy_timeout", "5000"), ("trusted_schema", "0")];
    let check = async move |tx: &mut Tx| {
        for (name, value) in wanted {
            assert_eq!(pragma(tx, name).await?, value, "{name}");
        }
        Ok::<_, StoreError>(())
    };
    store.write(Class::Background, check).await.unwrap();
    // More reads at once than there are readers, so that each of them answers.
    let together = Arc::new(Barrier::new(3));
    let reads = (0..3).map(|_| {
        let together = Arc::clone(&together);
        store.read(async move |tx: &mut Tx| {
            together.wait();
            assert_eq!(pragma(tx, "query_only").await?, "1");
            check(tx).await
        })
    });
    for read in join_all(reads).await {
        read.unwrap();
    }
}

#[tokio::test]
async fn a_data_directory_belongs_to_one_process_at_a_time() {
    let engine = Embedded::new();
    let store = engine.open();
    let error = refused(open(engine.dir.path(), &migrations()));
    assert!(matches!(&error, StoreError::Held(dir) if Path::new(dir) == engine.dir.path()), "{error}");
    close(store).await;
    open(engine.dir.path(), &migrations()).unwrap();
}

#[tokio::test]
async fn a_schema_from_the_future_is_refused_for_reading_and_writing() {
    let engine = Embedded::new();
    let future = Migration { owner: "order", number: 99, sqlite: "CREATE TABLE later (id INTEGER) STRICT", postgres: "" };
    let newer: Vec<Migration> = migrations().into_iter().chain([future]).collect();
    close(open(engine.dir.path(), &newer).unwrap()).await;
    for error in [refused(open(engine.dir.path(), &migrations())), refused(open_read_only(engine.dir.path()))] {
        let StoreError::Newer { path, owner, found, known } = &error else { panic!("{error}") };
        assert!(path.ends_with("payctl.db") && owner == "order" && *found == 99 && *known < 99, "{error}");
    }
}

#[tokio::test]
async fn a_table_owner_that_is_not_known_here_is_a_newer_schema() {
    let engine = Embedded::new();
    close(engine.open()).await;
    assert!(matches!(refused(open(engine.dir.path(), &Service::migrations())), StoreError::Newer { known: 0, .. }));
}

#[tokio::test]
async fn a_migration_runs_once_and_a_failing_one_leaves_nothing() {
    let engine = Embedded::new();
    close(engine.open()).await;
    let broken = Migration {
        owner: "suite",
        number: 2,
        sqlite: "CREATE TABLE half (id INTEGER) STRICT; INSERT INTO nowhere VALUES (1);",
        postgres: "",
    };
    let with_broken: Vec<Migration> = migrations().into_iter().chain([broken]).collect();
    assert!(matches!(refused(open(engine.dir.path(), &with_broken)), StoreError::Statement(_)));
    let store = engine.open();
    let rows = store.read(async |tx: &mut Tx| tx.query("SELECT name FROM sqlite_schema WHERE name = 'half'", &[]).await).await;
    assert_eq!(rows.unwrap(), []);
}

#[test]
fn a_file_that_is_no_database_is_named() {
    let engine = Embedded::new();
    let file = engine.dir.path().join("payctl.db");
    std::fs::write(&file, "not a database, and long enough to be looked at: ".repeat(100)).unwrap();
    for error in [refused(open(engine.dir.path(), &migrations())), refused(open_read_only(engine.dir.path()))] {
        assert!(matches!(&error, StoreError::Corrupt { path, .. } if Path::new(path) == file), "{error}");
    }
}

#[tokio::test]
async fn a_damaged_database_is_refused_instead_of_being_believed() {
    let engine = Embedded::new();
    close(engine.open()).await;
    let file = engine.dir.path().join("payctl.db");
    let mut bytes = std::fs::read(&file).unwrap();
    for byte in bytes.iter_mut().skip(100).step_by(3) {
        *byte ^= 0x5a;
    }
    std::fs::write(&file, bytes).unwrap();
    let error = refused(open(engine.dir.path(), &migrations()));
    assert!(matches!(error, StoreError::Corrupt { .. }), "{error}");
}

#[test]
fn a_directory_that_cannot_be_written_is_named() {
    let engine = Embedded::new();
    let file = engine.dir.path().join("file");
    std::fs::write(&file, "").unwrap();
    let below = file.join("data");
    let error = refused(open(&below, &migrations()));
    assert!(matches!(&error, StoreError::Unwritable { path, .. } if Path::new(path) == below), "{error}");
}

#[test]
fn reading_where_no_platform_has_run_is_refused_and_creates_nothing() {
    let engine = Embedded::new();
    assert!(matches!(refused(open_read_only(engine.dir.path())), StoreError::Missing(_)));
    assert_eq!(std::fs::read_dir(engine.dir.path()).unwrap().count(), 0);
}

#[tokio::test]
async fn a_job_that_waits_for_something_else_is_refused_and_leaves_nothing() {
    let store = Embedded::new().open();
    let waited: Result<(), StoreError> = store
        .write(Class::Ingress, async |tx: &mut Tx| {
            tx.execute(INSERT, &[1i64.into(), "one".into(), (&vec![0u8]).into()]).await?;
            std::future::pending().await
        })
        .await;
    assert!(matches!(waited, Err(StoreError::Waited)), "{waited:?}");
    assert_eq!(count(&store).await, 0);
}

/// Keeps the writer busy until the barrier is met again.
async fn busy(store: &Store, class: Class) -> (Arc<Barrier>, impl Future<Output = Result<(), StoreError>> + use<>) {
    let (begun, over) = (Arc::new(Barrier::new(2)), Arc::new(Barrier::new(2)));
    let (its_begun, its_over) = (Arc::clone(&begun), Arc::clone(&over));
    let store = store.clone();
    let mut job = Box::pin(async move {
        let work = async move |_: &mut Tx| {
            its_begun.wait();
            its_over.wait();
            Ok(())
        };
        store.write(class, work).await
    });
    assert!(futures_util::FutureExt::now_or_never(&mut job).is_none());
    tokio::task::spawn_blocking(move || begun.wait()).await.unwrap();
    (over, job)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_queue_says_so_and_what_it_took_is_done() {
    let store = Embedded::new().open();
    let (over, job) = busy(&store, Class::Ingress).await;
    let mut waiting: Vec<_> = (1..=5000).map(|id| Box::pin(insert(&store, id, 1))).collect();
    let mut overloaded = 0;
    waiting.retain_mut(|job| match futures_util::FutureExt::now_or_never(job) {
        None => true,
        Some(Err(StoreError::Overloaded)) => {
            overloaded += 1;
            false
        }
        Some(other) => panic!("{other:?}"),
    });
    assert!(overloaded > 0 && waiting.len() >= 1000, "{overloaded} refused, {} taken", waiting.len());
    over.wait();
    job.await.unwrap();
    let taken = i64::try_from(waiting.len()).unwrap();
    assert!(join_all(waiting).await.iter().all(Result::is_ok));
    assert_eq!(count(&store).await, taken);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_waits_outside_goes_before_what_can_wait() {
    let store = Embedded::new().open();
    let (over, job) = busy(&store, Class::Background).await;
    let order = Arc::new(Mutex::new(Vec::new()));
    let mut waiting: Vec<_> = [Class::Background, Class::Consumer, Class::Ingress, Class::Background, Class::Ingress]
        .map(|class| {
            let order = Arc::clone(&order);
            Box::pin(store.write(class, async move |_: &mut Tx| {
                order.lock().unwrap().push(class);
                Ok::<_, StoreError>(())
            }))
        })
        .into();
    assert!(waiting.iter_mut().all(|job| futures_util::FutureExt::now_or_never(job).is_none()));
    // What can wait is taken along by its like only while that has hardly begun; this has lasted longer.
    tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    over.wait();
    job.await.unwrap();
    for done in join_all(waiting).await {
        done.unwrap();
    }
    let (first, last) = (Class::Ingress, Class::Background);
    assert_eq!(*order.lock().unwrap(), [first, first, Class::Consumer, last, last]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_disk_is_reported_and_overcome() {
    let engine = Embedded::new();
    let store = engine.open();
    insert(&store, 1, 10).await.unwrap();
    let limit = async |tx: &mut Tx| {
        let pages: i64 = pragma(tx, "page_count").await?.parse().unwrap();
        pragma(tx, &format!("max_page_count = {}", pages + 20)).await
    };
    store.write(Class::Background, limit).await.unwrap();
    let full = insert(&store, 2, 1_000_000).await;
    assert!(matches!(full, Err(StoreError::Full)), "{full:?}");
    insert(&store, 3, 10).await.expect("what still fits is still taken");
    let (over, job) = busy(&store, Class::Ingress).await;
    let mut group = Box::pin(join_all([(4, 10), (5, 1_000_000), (6, 10)].map(|(id, bytes)| insert(&store, id, bytes))));
    assert!(futures_util::FutureExt::now_or_never(&mut group).is_none(), "all of them wait together");
    over.wait();
    let (job, group) = tokio::join!(job, group);
    for neighbour in group.iter().chain([&job]).filter_map(|result| result.as_ref().err()) {
        assert!(neighbour.is_infrastructure(), "a neighbour of a job that found the disk full may try again: {neighbour}");
    }
    let kept = 2 + i64::try_from(group.iter().filter(|result| result.is_ok()).count()).unwrap();
    assert_eq!(count(&store).await, kept, "reads go on, and what was refused is not there");
    store.write(Class::Background, async |tx: &mut Tx| pragma(tx, "max_page_count = 1000000").await).await.unwrap();
    insert(&store, 2, 1_000_000).await.expect("space came back");
    close(store).await;
    assert_eq!(count(&engine.open()).await, kept + 1);
}
