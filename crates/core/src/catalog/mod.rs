//! What the library knows of the service: its operations, what they take and what they answer.

mod entry;
pub mod model;
pub mod operation;
pub mod operations;
pub(crate) mod options;
pub mod parameter;

pub use entry::*;
