//! The ten operations of the API, the page that a watch link opens, and the requests of the customer's page.

pub(crate) mod agents;
pub(crate) mod customer;
pub(crate) mod onpremise;
pub(crate) mod sessions;
pub(crate) mod usage;
pub(crate) mod visitor_search;
pub(crate) mod visitors;
pub(crate) mod watch_page;
pub(crate) mod watch_url;
