use std::sync::Arc;

use tokio::sync::Notify;

use crate::config::{Profile, Secret};
use crate::services::{Dependency, Running, Service, ServiceContext, Worker};

use super::checkout::Checkout;
use super::client::{GatewayClient, HttpGateway};
use super::delivery::Delivery;
use super::http::{Site, out_of_service, routes};
use super::live::Live;
use super::page::Pages;
use super::pulse::Pulse;
use super::sandbox::Sandbox;
use super::stripe::{StripeApi, Timeouts};

const NO_KEY: &str = "STRIPE_API_KEY is not set";
const NO_PUBLISHABLE_KEY: &str = "STRIPE_PUBLISHABLE_KEY is not set";
const NO_CLIENT: &str = "the HTTP client cannot be set up";
const NO_PAGES: &str = "the checkout page cannot be rendered";
const NO_SECRET: &str = "no webhook secret is set";

/// Builds the service; what it lacks becomes its readiness and a 503, never a panic.
pub fn build(context: &ServiceContext) -> Running {
    let stripe = &context.config.stripe;
    let built = match (&stripe.api_key, context.config.profile) {
        (Some(key), _) => live(context, key.clone()),
        (None, Profile::Development) => sandbox(context),
        (None, Profile::Production) => Err(NO_KEY),
    };
    built.unwrap_or_else(|reason| {
        let mut running = Running::new(out_of_service(Pages::new(None).ok(), reason));
        running.dependencies = Box::new(move || vec![Dependency { name: "stripe", fault: Some(reason.to_owned()), optional: false }]);
        running
    })
}

fn sandbox(context: &ServiceContext) -> Result<Running, &'static str> {
    let secret = context.webhook_secrets.first().cloned().ok_or(NO_SECRET)?;
    let pulse = Pulse::new("gateway");
    let gateway = gateway(context, &pulse)?;
    let announced = Arc::new(Notify::new());
    let sandbox = Sandbox::new(context.store.clone(), context.ambient.clone(), Arc::clone(&announced));
    let checkout = Checkout {
        store: context.store.clone(),
        ambient: context.ambient.clone(),
        gateway: Arc::clone(&gateway),
        provider: Arc::new(sandbox.clone()),
        sandbox: Some(sandbox),
    };
    let pages = Pages::new(None).map_err(|_| NO_PAGES)?;
    let delivery = Delivery { store: context.store.clone(), ambient: context.ambient.clone(), gateway, secret, announced };
    let mut running = Running::new(routes(Site { checkout, pages }));
    running.workers.push(Worker::new("sandbox-webhooks", move |stop| delivery.run(stop)));
    running.dependencies = Box::new(move || vec![pulse.dependency()]);
    Ok(running)
}

fn live(context: &ServiceContext, key: Secret) -> Result<Running, &'static str> {
    let publishable_key = context.config.stripe.publishable_key.clone().ok_or(NO_PUBLISHABLE_KEY)?;
    let (gateway_pulse, stripe_pulse) = (Pulse::new("gateway"), Pulse::new("stripe"));
    let api = StripeApi::new(&context.config.stripe, key, Timeouts::default(), stripe_pulse.clone()).map_err(|_| NO_CLIENT)?;
    let checkout = Checkout {
        store: context.store.clone(),
        ambient: context.ambient.clone(),
        gateway: gateway(context, &gateway_pulse)?,
        provider: Arc::new(Live::new(context.store.clone(), api)),
        sandbox: None,
    };
    let pages = Pages::new(Some(publishable_key)).map_err(|_| NO_PAGES)?;
    let mut running = Running::new(routes(Site { checkout, pages }));
    running.dependencies = Box::new(move || vec![gateway_pulse.dependency(), stripe_pulse.dependency()]);
    Ok(running)
}

fn gateway(context: &ServiceContext, pulse: &Pulse) -> Result<Arc<dyn GatewayClient>, &'static str> {
    let base = context.url(Service::Gateway);
    let gateway = HttpGateway::new(base, context.internal_token.clone(), pulse.clone()).map_err(|_| NO_CLIENT)?;
    Ok(Arc::new(gateway))
}
