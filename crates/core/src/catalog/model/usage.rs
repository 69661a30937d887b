//! The account's statistics.

use crate::catalog::model::{answer, model};

model! {
    /// The account's usage statistics.
    Usage {
        /// Numbers of agents who used Upscope.
        agents: AgentUsage,
        /// Numbers of sessions.
        session_counts: SessionCountUsage,
        /// Seconds in sessions.
        session_seconds: SessionSecondsUsage,
        /// Numbers of visitors.
        visitors: VisitorUsage,
    }
}
answer!(Usage);

model! {
    /// How many agents used Upscope.
    AgentUsage {
        /// In the last 30 days.
        last_30_days: i64,
        /// In the last 24 hours.
        today: i64,
    }
}

model! {
    /// How many sessions there were.
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
    /// How many seconds sessions lasted.
    SessionSecondsUsage {
        /// In the last 30 days.
        last_30_days: i64,
        /// In the last 24 hours.
        today: i64,
    }
}

model! {
    /// How many visitors there were.
    VisitorUsage {
        /// In the last 24 hours.
        last_24_hrs: i64,
        /// Online.
        online_now: i64,
    }
}
