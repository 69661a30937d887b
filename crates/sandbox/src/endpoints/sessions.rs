//! `GET /cobrowsing_sessions/list`, `DELETE /visitors/{visitor_id}/session`

use serde_json::{Value, json};

use crate::answer::{Answer, Refusal};
use crate::clock::parse_rfc3339;
use crate::routes::Call;
use crate::state::Session;
use crate::world::World;

/// assumed: the length of a page is not documented.
const PAGE: usize = 50;

pub(crate) fn list(world: &mut World, call: &Call) -> Result<Answer, Refusal> {
    let state = &world.state;
    let position = |name: &str| match call.query.get(name) {
        None => Ok(None),
        // assumed: a cursor that leads nowhere is not found.
        Some(id) => state.sessions.position_of(id).map(Some).ok_or_else(Refusal::not_found),
    };
    let after = position("after_id")?;
    let before = position("before_id")?;
    let ongoing_only = call.query.flag("ongoing_only").map_err(Refusal::invalid)?;
    let updated_after = match call.query.get("updated_after") {
        None => i64::MIN,
        Some(text) => parse_rfc3339(text)
            .ok_or_else(|| Refusal::invalid(format!("updated_after is {text:?}, not an RFC 3339 date")))?,
    };

    let all = state.sessions.all();
    let from = after.map_or(0, |position| position + 1);
    let to = before.unwrap_or(all.len());
    let range = all.get(from..to).unwrap_or_default();
    let wanted =
        |session: &&Session| (!ongoing_only || session.ended_ms.is_none()) && session.updated_ms > updated_after;
    // assumed: before_id alone gives the page that ends right before it, first to last like any other.
    let backwards = before.is_some() && after.is_none();
    let mut page: Vec<&Session> = if backwards {
        range.iter().rev().filter(wanted).take(PAGE + 1).collect()
    } else {
        range.iter().filter(wanted).take(PAGE + 1).collect()
    };
    let has_more = page.len() > PAGE;
    page.truncate(PAGE);
    if backwards {
        page.reverse();
    }
    let now_ms = world.now_ms();
    let sessions: Value = page.iter().map(|session| state.session_json(session, now_ms)).collect();
    Ok(Answer::json(&json!({
        "status": "ok",
        "cobrowsing_sessions": sessions,
        "has_more": has_more,
        "last_id": page.last().map(|session| session.id()),
    })))
}

pub(crate) fn stop(world: &mut World, call: &Call) -> Result<Answer, Refusal> {
    if world.state.visitors.get(call.visitor_id()).is_none() {
        return Err(Refusal::not_found());
    }
    let now_ms = world.now_ms();
    Ok(match world.state.stop(call.visitor_id(), now_ms) {
        Some(deliveries) => Answer { deliveries, ..Answer::ok().applied() },
        // assumed: a visitor without a session has it stopped already.
        None => Answer::ok(),
    })
}
