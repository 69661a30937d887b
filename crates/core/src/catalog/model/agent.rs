//! A person who watches sessions.

use crate::catalog::model::{Session, model, response};

model! {
    /// A person who watches sessions.
    Agent {
        /// Id, such as `u_1234`; older servers sent a number.
        id: String as Id,
        /// Name.
        name: String,
        /// Id in the customer's own system.
        agent_identifier: String,
        /// E-mail address.
        email: String,
        /// The last 10 sessions, in the response of a lookup.
        sessions: Vec<Session>,
    }
}
response!(Agent);
