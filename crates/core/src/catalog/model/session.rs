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
        /// When it ended; missing while it runs.
        ended_at: String as Time,
        /// Length in seconds.
        length_seconds: i64,
        /// Length of the call in seconds.
        call_length_seconds: i64,
        /// Length for people, such as `1 minute`.
        formatted_length: String,
        /// Length of the call for people.
        formatted_call_length: String,
        /// Whether the agent saw the screen.
        went_live: bool,
        /// What the agent used.
        features_used: Vec<String>,
        /// The agents who took part.
        agents: Vec<Agent>,
        /// The account's team.
        team: Team,
        /// What the watch link was given as `metadata`.
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
