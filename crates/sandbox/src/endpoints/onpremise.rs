//! `POST /onpremise/token`

use serde_json::json;

use super::json_body;
use crate::answer::{Answer, Refusal};
use crate::fields::Fields;
use crate::routes::Call;
use crate::world::World;

const URL_SAFE: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/// assumed: the visitor need not be known here; an on-premise server keeps its own.
pub(crate) fn authorize(_world: &mut World, call: &Call) -> Result<Answer, Refusal> {
    let body = json_body::read(call)?;
    let check = |body: &Fields| {
        body.required_text("visitor_id")?;
        let agent = body.required_object("agent")?;
        agent.required_text("id")?;
        agent.required_text("name").map(drop)
    };
    Fields::of(&body).and_then(|body| check(&body)).map_err(Refusal::invalid)?;
    call.account.may_start_a_session()?;
    let token = token()?;
    Ok(Answer::json(&json!({"authorized": true, "token": token})).applied())
}

/// assumed: looks like a signed JWT, and is random but for its header.
fn token() -> Result<String, Refusal> {
    let mut bytes = [0_u8; 96];
    getrandom::fill(&mut bytes).map_err(|_| Refusal::new(500, "no_randomness"))?;
    let letter = |byte: &u8| char::from(URL_SAFE[usize::from(byte & 63)]);
    let random: String = bytes.iter().map(letter).collect();
    let (payload, signature) = random.split_at(53);
    Ok(format!("eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.{payload}.{signature}"))
}
