//! Opening, reusing and replacing connections.

mod opening;
mod reuse;
mod stale;
