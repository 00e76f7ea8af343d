//! payctl: an event-driven payment platform and its operator's console in one binary.
//!
//! The modules, bottom to top; no arrow runs back up (ARCHITECTURE.md has the map, `tests/it/tidy/` checks it).

pub mod domain;

pub mod config;

pub mod fault;

pub mod telemetry;

pub mod event;

pub mod store;

pub mod http;

pub mod log;

pub mod services;

pub mod daemon;

pub mod ops;

#[cfg(test)]
pub(crate) mod testing;
