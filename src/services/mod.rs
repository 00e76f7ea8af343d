//! What each service decides. `registry` is THE list, `wiring` builds from it; a service never imports another, nor the log.

mod consumer;
mod facts;
mod prepare;
mod registry;
mod running;
mod wiring;

pub mod accounting;
pub mod analytics;
pub mod channel;
pub mod gateway;
pub mod notification;
pub mod order;

pub use consumer::{Consumer, HandleError};
pub use facts::{Fact, FactState, Subject, SubjectEvent};
pub use prepare::{PrepareError, prepare};
pub use registry::Service;
pub use running::{Dependency, Running, ServiceContext, Worker};
