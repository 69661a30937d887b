//! `GET /usage`

use std::collections::HashSet;

use serde_json::{Value, json};

use crate::answer::{Answer, Refusal};
use crate::clock::DAY;
use crate::routes::Call;
use crate::state::Session;
use crate::world::World;

pub(crate) fn show(world: &mut World, _call: &Call) -> Result<Answer, Refusal> {
    let now_ms = world.now_ms();
    let state = &world.state;
    // "Today" is documented as the last 24 hours.
    let month = state.sessions.since(now_ms - 30 * DAY);
    let today = state.sessions.since(now_ms - DAY);
    let agents = |sessions: &[Session]| {
        let taking_part: HashSet<usize> = sessions.iter().flat_map(|session| session.agents.iter().copied()).collect();
        taking_part.len()
    };
    let seconds = |sessions: &[Session]| -> i64 { sessions.iter().map(|session| session.length_seconds(now_ms)).sum() };
    let seen_today = state.visitors.latest().take_while(|visitor| visitor.seen_ms() >= now_ms - DAY);
    let online = state.visitors.latest().filter(|visitor| visitor.flag("is_online"));

    let usage: Value = json!({
        "agents": {"last_30_days": agents(month), "today": agents(today)},
        "session_counts": {
            "last_30_days": month.len(),
            "now": state.sessions.ongoing_count(),
            "today": today.len(),
        },
        "session_seconds": {"last_30_days": seconds(month), "today": seconds(today)},
        "visitors": {"last_24_hrs": seen_today.count(), "online_now": online.count()},
    });
    Ok(Answer::json(&json!({"status": "ok", "usage": usage})))
}
