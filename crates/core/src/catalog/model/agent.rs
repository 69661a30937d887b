//! A person who watches.

use crate::catalog::model::{Session, answer, model};

model! {
    /// A person who watches.
    Agent {
        /// Id, such as `u_1234`; older servers sent a number.
        id: String as Id,
        /// Name.
        name: String,
        /// Id in the customer's own system.
        agent_identifier: String,
        /// E-mail address.
        email: String,
        /// The last 10 sessions, in the answer of a look-up.
        sessions: Vec<Session>,
    }
}
answer!(Agent);
