//! `GET /agents/lookup`

use serde_json::json;

use crate::answer::{Answer, Refusal};
use crate::routes::Call;
use crate::world::World;

pub(crate) fn lookup(world: &mut World, call: &Call) -> Result<Answer, Refusal> {
    let agents = &world.state.agents;
    let agent = match (call.query.get("email"), call.query.get("external_id")) {
        (Some(email), None) => agents.with_email(email),
        (None, Some(external_id)) => agents.with_external_id(external_id),
        // assumed for both at once; documented for neither.
        _ => None,
    };
    let agent = agent.ok_or_else(Refusal::not_found)?;
    let agent = world.state.agent_json(agent, world.now_ms());
    Ok(Answer::json(&json!({"status": "ok", "agent": agent})))
}
