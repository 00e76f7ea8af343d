//! One file for whoever helps: what the platform says of itself, masked, and what operators did.

mod archive;
mod gather;
mod part;

pub use archive::{ArchiveError, write};
pub use gather::{Scene, gather};
pub use part::{Bundle, BundlePart};
