//! Runs calls on threads of the library.

pub(crate) mod call_handle;
pub(crate) mod thread_pool;
