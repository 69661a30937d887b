//! `POST /visitors/{visitor_id}/watch_url`

use serde_json::{Value, json};

use super::json_body;
use crate::answer::{Answer, Refusal};
use crate::clock::{Zone, rfc3339};
use crate::fields::Fields;
use crate::json_memory::memory_of;
use crate::routes::Call;
use crate::state::{Link, Metadata};
use crate::webhook::Hook;
use crate::world::World;

/// A permission, the feature it opens as sessions name it, and whether it is given by default.
/// assumed: the names of features are not documented.
const FEATURES: [(&str, &str, bool); 5] = [
    ("allow_draw", "draw", true),
    ("allow_click", "click", true),
    ("allow_scroll", "scroll", true),
    ("allow_type", "type", true),
    ("allow_console", "console", false),
];

/// What the body asks for, as far as it leaves a trace.
struct Asked<'a> {
    agent_id: &'a str,
    agent_name: Option<&'a str>,
    metadata: Metadata,
    features: Vec<&'static str>,
    hook: Option<Hook>,
}

pub(crate) fn create(world: &mut World, call: &Call) -> Result<Answer, Refusal> {
    let body = json_body::read(call)?;
    let asked = read(&body).map_err(Refusal::invalid)?;
    if world.state.visitors.get(call.visitor_id()).is_none() {
        return Err(Refusal::not_found());
    }
    call.account.may_start_a_session()?;
    let bytes = memory_of(&body);
    world.state.make_room(bytes)?;

    let token = uuid()?;
    let link = Link {
        visitor_id: call.visitor_id().to_owned(),
        agent: world.state.agents.external(asked.agent_id, asked.agent_name),
        metadata: asked.metadata,
        features: asked.features,
        hook: asked.hook,
        bytes,
    };
    let now_ms = world.now_ms();
    let expires_ms = world.state.links.issue(&token, link, now_ms);
    let answer = json!({
        "status": "ok",
        "watch_url": format!("{}/session/{token}", world.origin),
        "expiration": rfc3339(expires_ms, Zone::Utc),
    });
    Ok(Answer::json(&answer).applied())
}

fn read(body: &Value) -> Result<Asked<'_>, String> {
    let body = Fields::of(body)?;
    let agent = body.required_object("agent")?;
    check_branding(&body)?;
    check_viewer(&body)?;
    body.text("initial_notes")?;
    body.text("language")?;
    Ok(Asked {
        agent_id: agent.required_text("id")?,
        agent_name: agent.text("name")?,
        metadata: metadata(&body)?,
        features: features(&body)?,
        hook: hook(&body)?,
    })
}

fn check_branding(body: &Fields) -> Result<(), String> {
    let Some(branding) = body.object("branding")? else {
        return Ok(());
    };
    match branding.raw().get("naked") {
        None | Some(Value::Bool(_)) => {}
        Some(Value::String(text)) if text == "page_only" => {}
        Some(other) => return Err(branding.wrong("naked", other, "true, false or \"page_only\"")),
    }
    branding.nullable_text("on_end_url")?;
    branding.nullable_text("retry_url").map(drop)
}

fn check_viewer(body: &Fields) -> Result<(), String> {
    let Some(viewer) = body.object("viewer")? else {
        return Ok(());
    };
    viewer.text("id")?;
    viewer.text("name").map(drop)
}

fn metadata(body: &Fields) -> Result<Metadata, String> {
    let Some(metadata) = body.object("metadata")? else {
        return Ok(Metadata::new());
    };
    let nested =
        metadata.raw().iter().find(|(_, value)| !(value.is_string() || value.is_number() || value.is_boolean()));
    match nested {
        Some((name, value)) => Err(metadata.wrong(name, value, "a string, a number or a boolean")),
        None => Ok(metadata.raw().clone()),
    }
}

/// assumed: a session uses every feature that its permissions open.
fn features(body: &Fields) -> Result<Vec<&'static str>, String> {
    let permissions = body.object("permissions")?;
    if let Some(permissions) = &permissions
        && let Some((name, value)) = permissions.raw().iter().find(|(_, value)| !value.is_boolean())
    {
        return Err(permissions.wrong(name, value, "true or false"));
    }
    let given = |permission: &str, default: bool| {
        let asked = permissions.as_ref().and_then(|permissions| permissions.raw().get(permission)?.as_bool());
        asked.unwrap_or(default)
    };
    let used = FEATURES.iter().filter(|(permission, _, default)| given(permission, *default));
    Ok(used.map(|(_, feature, _)| *feature).collect())
}

fn hook(body: &Fields) -> Result<Option<Hook>, String> {
    match body.text("webhook_url")? {
        None => Ok(None),
        Some(url) if url.starts_with("https://") || url.starts_with("http://") => Ok(Hook::on_loopback(url)),
        Some(_) => Err("webhook_url is not an http or https URL".to_owned()),
    }
}

/// A random UUID, version 4: a watch link is as good as a password, so its seed is not ours.
fn uuid() -> Result<String, Refusal> {
    let mut bytes = [0_u8; 16];
    getrandom::fill(&mut bytes).map_err(|_| Refusal::new(500, "no_randomness"))?;
    bytes[6] = bytes[6] & 0x0f | 0x40;
    bytes[8] = bytes[8] & 0x3f | 0x80;
    let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    Ok([&hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..]].join("-"))
}
