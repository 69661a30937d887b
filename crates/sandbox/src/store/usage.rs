//! The figures of `GET /usage`. They are kept up to date, so that no request walks all visitors and sessions.

use super::{Agents, Sessions, Store};
use crate::clock::DAY;

pub(crate) struct Usage {
    pub(crate) today: SessionUsage,
    pub(crate) last_30_days: SessionUsage,
    pub(crate) ongoing_sessions: usize,
    pub(crate) visitors_last_24_hours: usize,
    pub(crate) visitors_online: usize,
}

/// The sessions that started in a period.
pub(crate) struct SessionUsage {
    pub(crate) agents: usize,
    pub(crate) sessions: usize,
    pub(crate) seconds: i64,
}

#[derive(Clone, Copy)]
pub(super) enum Period {
    Day,
    Month,
}

impl Store {
    /// The documentation defines "today" as the last 24 hours.
    pub(crate) fn usage(&mut self, now_ms: i64) -> Usage {
        let (sessions, agents) = (&mut self.sessions, &self.agents);
        Usage {
            today: session_usage(sessions, agents, Period::Day, now_ms - DAY, now_ms),
            last_30_days: session_usage(sessions, agents, Period::Month, now_ms - 30 * DAY, now_ms),
            ongoing_sessions: sessions.ongoing_count(),
            visitors_last_24_hours: self.visitors.count_seen_since(now_ms - DAY),
            visitors_online: self.visitors.online_count(),
        }
    }
}

fn session_usage(sessions: &mut Sessions, agents: &Agents, period: Period, since_ms: i64, now_ms: i64) -> SessionUsage {
    let seconds = sessions.seconds_since(period, since_ms, now_ms);
    let is_recent = |position: &usize| sessions.get(*position).started_ms >= since_ms;
    SessionUsage {
        agents: agents.all().iter().filter(|agent| agent.sessions.last().is_some_and(is_recent)).count(),
        sessions: sessions.count_since(since_ms),
        seconds,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::{HOUR, SECOND};
    use crate::sample_data;
    use crate::store::EndedBy;

    const NOW: i64 = 1_700_000_000_000;

    /// Counts without anything that is kept up to date.
    fn counted(store: &Store, since_ms: i64, now_ms: i64) -> (usize, usize, i64) {
        let recent: Vec<_> = store.sessions.all().iter().filter(|session| session.started_ms >= since_ms).collect();
        let agents: std::collections::HashSet<usize> =
            recent.iter().flat_map(|session| session.agents.iter().copied()).collect();
        (agents.len(), recent.len(), recent.iter().map(|session| session.length_seconds(now_ms)).sum())
    }

    #[test]
    fn the_figures_are_those_of_a_full_count_at_any_time() {
        let mut store = sample_data::generate(1, 50, 2_000, NOW);
        for (step, hours) in [0, 1, 30, 100, 20, 2_000, 0, 400].into_iter().enumerate() {
            let now_ms = NOW + hours * HOUR;
            let ongoing = store.sessions.all().iter().find(|session| session.is_ongoing());
            if let Some(visitor_id) = ongoing.map(|session| session.visitor_id.clone()) {
                store.end_session_of(&visitor_id, EndedBy::Agent, now_ms + step as i64 * SECOND);
            }
            let usage = store.usage(now_ms);
            for (figures, days) in [(&usage.today, 1), (&usage.last_30_days, 30)] {
                let found = (figures.agents, figures.sessions, figures.seconds);
                assert_eq!(found, counted(&store, now_ms - days * DAY, now_ms), "{hours} {days}");
            }
            assert!(usage.visitors_online <= usage.visitors_last_24_hours);
        }
    }
}
