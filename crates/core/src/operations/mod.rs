//! The operations, one file each. [`ALL`] is the list from which every table, schema and look-up is made.

use crate::operation::{Definition, Operation};

mod authorize_onpremise_session;
mod create_watch_url;
mod delete_all_visitors;
mod delete_visitor;
mod get_usage;
mod get_visitor;
mod list_sessions;
mod list_visitors;
mod lookup_agent;
mod request;
mod stop_session;

pub use authorize_onpremise_session::{AuthorizeOnpremiseSession, OnpremiseAgent};
pub use create_watch_url::{Branding, CreateWatchUrl, Naked, Permissions, Viewer, WatchAgent};
pub use delete_all_visitors::DeleteAllVisitors;
pub use delete_visitor::DeleteVisitor;
pub use get_usage::GetUsage;
pub use get_visitor::GetVisitor;
pub use list_sessions::ListSessions;
pub use list_visitors::ListVisitors;
pub use lookup_agent::LookupAgent;
pub use request::Request;
pub use stop_session::StopSession;

/// Every operation, in the order of the documentation.
pub static ALL: &[&Definition] = &[
    GetUsage::DEFINITION,
    ListVisitors::DEFINITION,
    GetVisitor::DEFINITION,
    CreateWatchUrl::DEFINITION,
    StopSession::DEFINITION,
    DeleteVisitor::DEFINITION,
    DeleteAllVisitors::DEFINITION,
    LookupAgent::DEFINITION,
    ListSessions::DEFINITION,
    AuthorizeOnpremiseSession::DEFINITION,
    Request::DEFINITION,
];
