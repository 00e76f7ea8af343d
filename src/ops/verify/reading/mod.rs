//! One reading of everything, from which most invariants follow at once, instead of a query for each that joins whole tables.
//!
//! A query says what an invariant is, and finds each row that breaks it; it joins tables as large as the platform, which costs
//! minutes where millions of payments lie. That nothing breaks it can be seen cheaper. Every table is read once. What has to be the
//! same in two of them (the events of a group's topics and its marks, the successes and their bookings) is added up on both sides
//! as hashes of the ids: equal sums are equal sets, but for a chance of one in 2^64 that nobody can improve on, since the seed is
//! drawn anew for each reading. What has an order (versions, states, the fold of a payment's events) is followed through the domain's
//! own state machines, an aggregate's life in a few bytes.
//!
//! A reading never finds a violation. It names the invariants that it has seen to hold; each other one, be it broken or only
//! not seen to hold, is asked by its own query.

mod adding;
mod counters;
mod effects;
mod events;
mod history;
mod marks;
mod parts;
mod payments;
mod proof;
mod rest;
mod sum;
mod transition;

#[cfg(test)]
mod tests;

pub(super) use parts::{Progress, Reading};
pub(super) use proof::Proof;
