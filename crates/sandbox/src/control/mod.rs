//! The control interface: how a test looks behind the service and makes it misbehave. Needs no key.

use hyper::http::request::Parts;
use serde_json::{Value, json};

use crate::answer::{Answer, Refusal};
use crate::clock::{Zone, rfc3339};
use crate::control_access;
use crate::faults::Faults;
use crate::fields::Fields;
use crate::json_memory::memory_of;
use crate::target::Target;
use crate::world::World;

pub(crate) const PREFIX: &str = "/_sandbox";

pub(crate) fn is_control(target: &Target) -> bool {
    let rest = target.path.strip_prefix(PREFIX);
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// Carries out a request to the control interface. `body` is `None` where it was too large.
pub(crate) fn answer(world: &mut World, head: &Parts, target: &Target, body: Option<&[u8]>) -> Answer {
    let body = match admit(head, body) {
        Ok(body) => body,
        Err(refusal) => return refusal.into(),
    };
    let path = target.path.strip_prefix(PREFIX).unwrap_or_default();
    let done = match (head.method.as_str(), path) {
        ("GET", "/requests") => requests(world, target),
        ("DELETE", "/requests") | ("POST", "/requests/clear") => {
            world.journal.clear();
            Ok(json!({"status": "ok"}))
        }
        ("POST", "/reset") => {
            world.reset();
            Ok(json!({"status": "ok"}))
        }
        ("POST", "/faults") => faults(world, body),
        ("POST", "/clock") => clock(world, body),
        ("POST", "/visitors") => visitors(world, body),
        (_, "/requests") => return Answer::wrong_method("GET, DELETE"),
        (_, "/requests/clear" | "/reset" | "/faults" | "/clock" | "/visitors") => {
            return Answer::wrong_method("POST");
        }
        _ => {
            let sentence =
                "the control interface has /requests, /requests/clear, /reset, /faults, /clock and /visitors";
            return Answer::error(404, sentence);
        }
    };
    match done {
        Ok(value) => Answer::json(&value),
        Err(sentence) => Answer::error(400, &sentence),
    }
}

fn admit<'a>(head: &Parts, body: Option<&'a [u8]>) -> Result<&'a [u8], Refusal> {
    control_access::check_origin(head)?;
    let body = body.ok_or(Refusal::new(413, "the body is larger than 4 MB"))?;
    control_access::check_content_type(head, body)?;
    Ok(body)
}

fn requests(world: &World, target: &Target) -> Result<Value, String> {
    let with_secrets = target.parameters()?.flag("secrets")?;
    Ok(json!({"requests": world.journal.json(with_secrets)}))
}

fn faults(world: &mut World, body: &[u8]) -> Result<Value, String> {
    world.faults = Faults::read(&read(body)?)?;
    Ok(json!({"status": "ok", "faults": world.faults.len()}))
}

fn clock(world: &mut World, body: &[u8]) -> Result<Value, String> {
    let body = read(body)?;
    let fields = Fields::of(&body)?;
    fields.only(&["advance_ms"])?;
    let by_ms = fields.integer("advance_ms")?.ok_or("advance_ms is missing")?;
    world.clock.advance(by_ms)?;
    Ok(json!({"status": "ok", "now": rfc3339(world.now_ms(), Zone::Utc)}))
}

fn visitors(world: &mut World, body: &[u8]) -> Result<Value, String> {
    let read = read(body)?;
    let fields = Fields::of(&read)?;
    let short_id = fields.required_text("short_id")?;
    // Answers list a visitor's sessions from the record of sessions.
    if fields.raw().contains_key("sessions") {
        return Err("sessions cannot be set; open a watch link to make one".to_owned());
    }
    world.state.make_room(memory_of(&read)).map_err(|_| "the sandbox is full; reset it".to_owned())?;
    let now_ms = world.now_ms();
    world.state.visitors.put(short_id, fields.raw().clone(), now_ms);
    let visitor = world.state.visitors.get(short_id).map(|visitor| world.state.visitor_json(visitor, now_ms));
    Ok(json!({"status": "ok", "visitor": visitor}))
}

fn read(body: &[u8]) -> Result<Value, String> {
    serde_json::from_slice(body).map_err(|why| format!("the body is not JSON: {why}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Options;

    #[test]
    fn visitors_take_the_room_that_they_need_once_read() {
        let options = Options { visitors: 0, sessions: 0, ..Options::default() };
        let mut world = World::new(&options, String::new());
        world.state.make_room(255 << 20).unwrap();
        let visitor = format!(r#"{{"short_id": "V", "list": [{}0]}}"#, "0,".repeat(100_000));
        let refused = visitors(&mut world, visitor.as_bytes()).err();
        assert!(refused.is_some_and(|sentence| sentence.contains("full")));
    }
}
