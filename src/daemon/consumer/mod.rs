//! One loop for every group.
//!
//! The delivery contract: a batch of one partition is applied together with its dedupe marks and the group's offset in one
//! transaction, so each event has its one effect whatever crashes. Dedupe holds across copies of an event (another
//! transport, a replay), not only across crashes. A batch that fails is bisected until the one bad event stands alone;
//! that one is parked in the transaction that moves the offset past it, and where the group is ordered the later events of
//! its aggregate are held behind it; a flood of them opens a
//! circuit instead. While database or network are away the loop waits and parks nothing.

mod apply;
mod batch;
mod circuit;
mod claim;
mod claims;
mod deliver;
mod group;
mod life;
mod meter;
mod pace;
mod plan;
mod process;
mod replay;
mod spans;
mod status;

#[cfg(test)]
mod broker_tests;
#[cfg(test)]
mod tests;

pub(super) use deliver::{Delivered, Direct};
pub(super) use group::Group;
pub(super) use status::GroupStatus;
