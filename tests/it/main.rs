//! The one integration binary; `tidy` fails when a file of this folder is not a module of it.
//!
//! `cfg(test)` on each module tells clippy that all of it is test code, not only the functions marked as tests.

#[cfg(test)]
mod backbone;
#[cfg(test)]
mod bad_input;
#[cfg(test)]
mod browser;
#[cfg(test)]
mod cli_completions;
#[cfg(test)]
mod cli_console;
#[cfg(test)]
mod cli_formats;
#[cfg(test)]
mod cli_limits;
#[cfg(test)]
mod cli_manual;
#[cfg(test)]
mod cli_payments;
#[cfg(test)]
mod corruption;
#[cfg(test)]
mod daemon_kill;
#[cfg(test)]
mod daemon_start;
#[cfg(test)]
mod dead_letters;
#[cfg(test)]
mod deploy;
#[cfg(test)]
mod engine;
#[cfg(test)]
mod env;
#[cfg(test)]
mod fallback;
#[cfg(test)]
mod faults_commit;
#[cfg(test)]
mod faults_kill;
#[cfg(test)]
mod faults_point;
#[cfg(test)]
mod faults_servers;
#[cfg(test)]
mod faults_topic;
#[cfg(test)]
mod kafka;
#[cfg(test)]
mod kafka_tools;
#[cfg(test)]
mod lagging;
#[cfg(test)]
mod ledger;
#[cfg(test)]
mod load;
#[cfg(test)]
mod log;
#[cfg(test)]
mod lost_log;
#[cfg(test)]
mod merchants;
#[cfg(test)]
mod metrics;
#[cfg(test)]
mod own;
#[cfg(test)]
mod payment;
#[cfg(test)]
mod planted;
#[cfg(test)]
mod planted_embedded;
#[cfg(test)]
mod platform;
#[cfg(test)]
mod poison;
#[cfg(test)]
mod port;
#[cfg(test)]
mod proxy;
#[cfg(test)]
mod readme;
#[cfg(test)]
mod real;
#[cfg(test)]
mod server;
#[cfg(test)]
mod smtp;
#[cfg(test)]
mod store;
#[cfg(test)]
mod store_embedded;
#[cfg(test)]
mod store_server;
#[cfg(test)]
mod stub;
#[cfg(test)]
mod tidy;
#[cfg(test)]
mod trace;
