//! Usage statistics.

use crate::catalog::model::{model, response};

model! {
    /// The account's usage statistics.
    Usage {
        /// Number of agents who used Upscope.
        agents: AgentUsage,
        /// Number of sessions.
        session_counts: SessionCountUsage,
        /// Length of sessions in seconds.
        session_seconds: SessionSecondsUsage,
        /// Number of visitors.
        visitors: VisitorUsage,
    }
}
response!(Usage);

model! {
    /// Number of agents who used Upscope.
    AgentUsage {
        /// In the last 30 days.
        last_30_days: i64,
        /// In the last 24 hours.
        today: i64,
    }
}

model! {
    /// Number of sessions.
    SessionCountUsage {
        /// In the last 30 days.
        last_30_days: i64,
        /// Ongoing.
        now: i64,
        /// In the last 24 hours.
        today: i64,
    }
}

model! {
    /// Length of sessions in seconds.
    SessionSecondsUsage {
        /// In the last 30 days.
        last_30_days: i64,
        /// In the last 24 hours.
        today: i64,
    }
}

model! {
    /// Number of visitors.
    VisitorUsage {
        /// In the last 24 hours.
        last_24_hrs: i64,
        /// Online.
        online_now: i64,
    }
}
