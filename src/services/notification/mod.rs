//! Sends mail in two languages (contract section 10).
//!
//! The consumer turns events into rows; a sender leases rows and sends them outside any transaction. Delivery is at least
//! once: a sender that dies between the server's answer and the commit causes one more copy, with the same Message-ID.

mod backoff;
mod consumer;
mod eml;
mod fact;
mod flight;
mod http;
mod line;
mod mailer;
mod message;
mod notice;
mod post;
pub mod query;
mod reply;
mod sender;
mod session;
mod sms;
mod smtp;
mod store;
mod template;
mod waiting;

#[cfg(test)]
mod fake;
#[cfg(test)]
mod sending_tests;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use tokio::sync::Notify;

use crate::store::{Migration, StoreError, Tx};

use super::{Dependency, Fact, Running, ServiceContext, Subject, Worker};

/// The tables of this service.
pub const MIGRATIONS: &[Migration] = &[Migration {
    owner: "notification",
    number: 1,
    sqlite: include_str!("../../../migrations/notification/sqlite/0001_init.sql"),
    postgres: include_str!("../../../migrations/notification/postgres/0001_init.sql"),
}];

/// Builds the service.
pub fn build(context: &ServiceContext) -> Running {
    let wake = Arc::new(Notify::new());
    let mailer = post::choose(&context.config);
    let consumer = consumer::Notification::new(context, Arc::clone(&wake));
    let sender = sender::Sender::new(context, post::Post::new(Arc::clone(&mailer)), wake);
    let store = context.store.clone();
    Running {
        routes: http::routes(context.store.clone()),
        consumer: Some(Arc::new(consumer)),
        workers: vec![
            Worker::new("mail sender", async move |stop| sender.run(stop).await),
            Worker::new("mail gauge", async move |stop| waiting::measure(store, stop).await),
        ],
        dependencies: Box::new(move || {
            mailer.dependency().map(|(name, fault)| Dependency { name, fault, optional: true }).into_iter().collect()
        }),
    }
}

/// What this service knows of a payment.
pub async fn facts(tx: &mut Tx, subject: &Subject) -> Result<Vec<Fact>, StoreError> {
    fact::of_payment(tx, subject).await
}
