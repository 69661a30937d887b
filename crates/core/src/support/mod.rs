//! What the other modules share: cancellation, logging, secrets, memory, panics, fork, timestamps and suggestions.

pub(crate) mod call_control;
pub(crate) mod cancel;
pub mod log;
pub mod memory;
pub mod panic;
pub(crate) mod per_process;
pub(crate) mod redact;
pub mod secret;
pub(crate) mod suggest;
pub mod timestamp;
