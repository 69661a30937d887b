//! A co-browsing session.

use std::collections::HashMap;

use serde_json::Value;

use crate::catalog::model::{Agent, model};

model! {
    /// A co-browsing session.
    Session {
        /// Id, such as `s_123`; older servers sent a number.
        id: String as Id,
        /// The visitor's short id.
        visitor_id: String,
        /// When it started.
        started_at: String as Time,
        /// When it ended; absent during the session.
        ended_at: String as Time,
        /// Length in seconds.
        length_seconds: i64,
        /// Length of the call in seconds.
        call_length_seconds: i64,
        /// Length as text, such as `1 minute`.
        formatted_length: String,
        /// Length of the call as text.
        formatted_call_length: String,
        /// Whether the agent saw the screen.
        went_live: bool,
        /// The features that the agent used.
        features_used: Vec<String>,
        /// The agents who took part.
        agents: Vec<Agent>,
        /// The team of the account.
        team: Team,
        /// The `metadata` of the request that created the watch link.
        metadata: HashMap<String, Value>,
    }
}

model! {
    /// A team of the account.
    Team {
        /// Id.
        id: String as Id,
        /// Domain.
        domain: String,
    }
}
