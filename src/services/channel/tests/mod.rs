//! What a payer, the gateway and Stripe would notice.

mod checkout;
mod delivery;
mod fake;
mod live;
mod route;
mod stripe;
mod stub;
