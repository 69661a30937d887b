//! What Windows does in its own way: waiting for sockets, the verdict on certificates, and the proxy settings.

pub(crate) mod poll;
pub(crate) mod proxy;
pub(crate) mod verifier;
