//! The codec under properties: whatever is written is read back, whatever is read cannot hurt.

mod codec;
pub(crate) mod sample;
