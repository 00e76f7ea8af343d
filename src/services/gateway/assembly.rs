use std::sync::Arc;

use crate::config::Profile;
use crate::services::{Running, Service, ServiceContext, Worker};
use crate::store::{Batch, BatchQueue, batcher};

use super::client::{ChannelClient, HttpChannel};
use super::expiry::{ExpiryBell, ExpiryWorker};
use super::idempotency::InFlight;
use super::inbox::{Arrival, Bells, Inbox, Lane, store_arrivals};
use super::inbox_worker::InboxWorker;
use super::ingest::{Intake, Outcome};
use super::intake::take_in;
use super::merchant::Merchants;
use super::risk::{AllowAll, RiskCheck};
use super::service::Gateway;
use super::{http, retention};

/// Requests that wait for their commit at most; beyond it callers are told to come back later.
const MAX_WAITING: usize = 4096;

/// Builds the service with the channel behind its routes and every payment let through by risk.
pub(super) fn build(context: &ServiceContext) -> Running {
    let channel = HttpChannel::new(context.url(Service::Channel), context.internal_token.clone());
    let channel: Arc<dyn ChannelClient> = Arc::new(channel);
    build_with(context, &channel, Arc::new(AllowAll))
}

/// Builds the service with the given neighbours.
pub(super) fn build_with(context: &ServiceContext, channel: &Arc<dyn ChannelClient>, risk: Arc<dyn RiskCheck>) -> Running {
    let (intake, queue) = batcher(("gateway", "payments"), MAX_WAITING);
    let (arrivals, arrival_queue) = batcher(("gateway", "webhooks"), MAX_WAITING);
    let bells = Arc::new(Bells::default());
    let expiry = Arc::new(ExpiryBell::new());
    let checkout = context.config.gateway.checkout_url.clone().unwrap_or_else(|| context.url(Service::Channel));
    let gateway = Gateway {
        store: context.store.clone(),
        ambient: context.ambient.clone(),
        merchants: Merchants::new(context.store.clone()),
        risk,
        channel: Arc::clone(channel),
        in_flight: InFlight::default(),
        intake,
        expiry: Arc::clone(&expiry),
        inbox: Inbox { ambient: context.ambient.clone(), secrets: Arc::clone(&context.webhook_secrets), arrivals },
        checkout: checkout.trim_end_matches('/').to_owned(),
        expire_minutes: i64::from(context.config.gateway.expire_minutes),
    };
    let mut running = Running::new(http::routes(Arc::new(gateway)));
    running.workers = vec![
        intake_worker(context, queue),
        arrival_worker(context, &bells, arrival_queue),
        inbox_worker(context, channel, &bells, Lane::Others),
        inbox_worker(context, channel, &bells, Lane::Declines),
        expiry_worker(context, expiry),
        retention_worker(context),
    ];
    running
}

fn intake_worker(context: &ServiceContext, queue: BatchQueue<Intake, Outcome>) -> Worker {
    let store = context.store.clone();
    Worker::new("gateway-intake", move |stop| {
        queue.run(store.batches_in_flight(), stop, move |batch: Batch<Intake>| {
            let store = store.clone();
            async move { take_in(&store, batch).await }
        })
    })
}

fn arrival_worker(context: &ServiceContext, bells: &Arc<Bells>, queue: BatchQueue<Arrival, bool>) -> Worker {
    let (store, bells) = (context.store.clone(), Arc::clone(bells));
    Worker::new("gateway-arrivals", move |stop| {
        queue.run(store.batches_in_flight(), stop, move |batch: Batch<Arrival>| {
            let (store, bells) = (store.clone(), Arc::clone(&bells));
            async move { store_arrivals(&store, &bells, batch).await }
        })
    })
}

fn inbox_worker(context: &ServiceContext, channel: &Arc<dyn ChannelClient>, bells: &Arc<Bells>, lane: Lane) -> Worker {
    let worker = InboxWorker {
        store: context.store.clone(),
        ambient: context.ambient.clone(),
        channel: Arc::clone(channel),
        bells: Arc::clone(bells),
        lane,
        is_production: context.config.profile == Profile::Production,
    };
    let name = match lane {
        Lane::Declines => "gateway-declines",
        Lane::Others => "gateway-webhooks",
    };
    Worker::new(name, async move |stop| {
        // What it was at is either committed or done again after the next start.
        stop.run_until_cancelled(worker.run()).await;
    })
}

fn expiry_worker(context: &ServiceContext, bell: Arc<ExpiryBell>) -> Worker {
    let worker = ExpiryWorker { store: context.store.clone(), ambient: context.ambient.clone(), bell };
    Worker::new("gateway-expiry", async move |stop| {
        stop.run_until_cancelled(worker.run()).await;
    })
}

fn retention_worker(context: &ServiceContext) -> Worker {
    let store = context.store.clone();
    Worker::new("gateway-retention", async move |stop| {
        stop.run_until_cancelled(retention::run(store)).await;
    })
}
