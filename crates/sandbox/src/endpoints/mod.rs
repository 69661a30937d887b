//! The ten operations of the API, and the page behind a watch link.

pub(crate) mod agents;
pub(crate) mod json_body;
pub(crate) mod onpremise;
pub(crate) mod sessions;
pub(crate) mod usage;
pub(crate) mod visitors;
pub(crate) mod watch_page;
pub(crate) mod watch_url;
