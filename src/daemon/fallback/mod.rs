//! Past the brokers, while they are away: events go by HTTP to the groups that depend on them (contract section 9).
//!
//! The delivery contract: what is posted stays in the outbox, so Kafka is complete in the end and its copies find the work
//! done. An aggregate's events are posted one after the other; a group that misses an earlier version says which, and gets it
//! from the event store. What a group refuses or holds is left for the log, where it is parked. One process posts, by a lease.
//!
//! `outage` says when the brokers are away, `post` speaks HTTP, `target` is one group and how far it was served, `run` the loop.

mod outage;
mod post;
mod run;
mod target;

pub(super) use run::Fallback;
