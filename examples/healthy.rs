//! Fills a data directory, or the server of `DATABASE_URL`, with a platform on which so many payments have gone all the way and
//! every invariant holds: for measuring what looking through all of it costs. Four of five are paid, booked and told of by mail,
//! the fifth waits for its payer; every group has taken everything. It is written by the database itself, set by set.
//!
//! `healthy DIR PAYMENTS`

#![expect(clippy::print_stdout, reason = "prints what it made")]

#[path = "bench/life.rs"]
mod life;
#[path = "bench/place.rs"]
mod place;
#[path = "bench/rows.rs"]
mod rows;

use std::path::Path;
use std::time::Instant;

use anyhow::{Context as _, bail, ensure};
use payctl::config::Ambient;
use payctl::services::Service;
use payctl::store::{Class, Store, StoreError, Tx};

use rows::Rows;

/// Payments written in one transaction.
const CHUNK: i64 = 2000;
/// Each has eight digits.
const MOST_PAYMENTS: i64 = 99_999_999;
/// A platform's own statements look few rows up in indexes; these go through all of them.
const SETTINGS: &str = "SELECT set_config('enable_seqscan', 'on', true), set_config('enable_hashjoin', 'on', true), \
     set_config('work_mem', '64MB', true), set_config('plan_cache_mode', 'force_custom_plan', true)";

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let [dir, payments] = words.as_slice() else { bail!("usage: healthy DIR PAYMENTS") };
    let payments: i64 = payments.parse()?;
    ensure!((1..=MOST_PAYMENTS).contains(&payments), "from 1 to {MOST_PAYMENTS} payments");
    let ambient = Ambient::system();
    let server = place::server()?;
    let rows = Rows::new(ambient.now(), server.is_some())?;
    let store = match &server {
        Some(server) => Store::connect(server, &Service::migrations(), &ambient).await?,
        None => Store::open(Path::new(dir), &Service::migrations(), &ambient)?,
    };
    let started = Instant::now();
    let is_server = server.is_some();
    run(&store, rows.first(), None, is_server).await?;
    let every = rows.each();
    for first in (0..payments).step_by(usize::try_from(CHUNK)?) {
        run(&store, every.clone(), Some((first, payments.min(first + CHUNK))), is_server).await?;
    }
    run(&store, rows.last(), None, is_server).await?;
    let took = started.elapsed();
    tokio::task::spawn_blocking(move || store.close()).await.context("failed to close the database")?;
    let store = place::open_read_only(Path::new(dir), &ambient).await?;
    let events = store.read(async |tx: &mut Tx| tx.query_one("SELECT count(*) FROM events", &[]).await).await?;
    println!("payments {payments}");
    println!("events {}", events.context("a count has a row")?.get::<i64>(0)?);
    println!("seconds {:.2}", took.as_secs_f64());
    Ok(())
}

/// Runs these statements in one transaction, over the payments from one number up to another.
async fn run(store: &Store, statements: Vec<String>, range: Option<(i64, i64)>, is_server: bool) -> Result<(), StoreError> {
    let done = store.write_by_keys(Class::Background, async move |tx: &mut Tx| -> Result<(), StoreError> {
        if is_server {
            tx.query(SETTINGS, &[]).await?;
        }
        for sql in &statements {
            match range {
                Some((first, end)) => tx.execute(sql, &[first.into(), end.into()]).await?,
                None => tx.execute(sql, &[]).await?,
            };
        }
        Ok(())
    });
    done.await
}
