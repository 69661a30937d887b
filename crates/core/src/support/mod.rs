//! What the other modules share: cancelling, logging, secrets, memory, panics and fork.

pub(crate) mod cancel;
pub mod log;
pub mod memory;
pub mod panic;
pub(crate) mod per_process;
pub(crate) mod redact;
pub mod secret;
