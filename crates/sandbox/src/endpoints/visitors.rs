//! `GET /list`, `GET` and `DELETE /visitors/{visitor_id}`, `DELETE /visitors`

use serde_json::{Value, json};

use crate::answer::{Answer, Refusal};
use crate::routes::Call;
use crate::search::Query;
use crate::world::World;

const MOST_RESULTS: usize = 10;

pub(crate) fn list(world: &mut World, call: &Call) -> Result<Answer, Refusal> {
    let query = Query::parse(call.query.get("search").unwrap_or_default());
    let most = match call.query.get("max_results") {
        None => MOST_RESULTS,
        Some(text) => text
            .parse()
            .ok()
            .filter(|most| (1..=MOST_RESULTS).contains(most))
            .ok_or_else(|| Refusal::invalid(format!("max_results is {text:?}, not a number from 1 to 10")))?,
    };
    let now_ms = world.now_ms();
    let state = &world.state;
    let found = state.visitors.latest().filter(|visitor| query.finds(visitor)).take(most);
    let visitors: Value = found.map(|visitor| state.visitor_json(visitor, now_ms)).collect();
    Ok(Answer::json(&json!({"status": "ok", "visitors": visitors})))
}

pub(crate) fn show(world: &mut World, call: &Call) -> Result<Answer, Refusal> {
    let state = &world.state;
    let visitor = state.visitors.get(call.visitor_id()).ok_or_else(Refusal::not_found)?;
    let visitor = state.visitor_json(visitor, world.now_ms());
    Ok(Answer::json(&json!({"status": "ok", "visitor": visitor})))
}

pub(crate) fn delete(world: &mut World, call: &Call) -> Result<Answer, Refusal> {
    let state = &mut world.state;
    let visitor = state.visitors.get(call.visitor_id()).ok_or_else(Refusal::not_found)?;
    if !state.may_be_deleted(visitor) {
        // assumed: the body of a 409 is not documented.
        return Err(Refusal::new(409, "visitor_online"));
    }
    // assumed: the sessions of a deleted visitor stay in the list of sessions.
    state.visitors.take(call.visitor_id());
    Ok(Answer::ok().applied())
}

pub(crate) fn delete_all(world: &mut World, call: &Call) -> Result<Answer, Refusal> {
    if call.query.get("all") != Some("true") {
        // assumed: the service says only that `all` confirms the deletion.
        return Err(Refusal::invalid("DELETE /visitors needs all=true"));
    }
    let state = &mut world.state;
    let deletable = state.visitors.latest().filter(|visitor| state.may_be_deleted(visitor));
    let ids: Vec<String> = deletable.map(|visitor| visitor.short_id().to_owned()).collect();
    for id in &ids {
        state.visitors.take(id);
    }
    let answer = Answer::ok();
    Ok(if ids.is_empty() { answer } else { answer.applied() })
}
