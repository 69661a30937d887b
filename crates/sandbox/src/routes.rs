//! The table of routes, and the way of an API request through it.

use hyper::body::Bytes;
use hyper::http::request::Parts;

use crate::answer::{Answer, Refusal};
use crate::auth::Account;
use crate::endpoints::{agents, onpremise, sessions, usage, visitors, watch_page, watch_url};
use crate::target::{Parameters, Target};
use crate::world::World;

pub(crate) const API_VERSION: &str = "v1.3";

type Handler = fn(&mut World, &Call) -> Result<Answer, Refusal>;

struct Route {
    method: &'static str,
    path: &'static str,
    handler: Handler,
}

const fn route(method: &'static str, path: &'static str, handler: Handler) -> Route {
    Route { method, path, handler }
}

/// Beneath the API version; a name in braces takes one segment, whatever it is.
const ROUTES: [Route; 10] = [
    route("GET", "usage", usage::show),
    route("GET", "list", visitors::list),
    route("GET", "visitors/{visitor_id}", visitors::show),
    route("DELETE", "visitors/{visitor_id}", visitors::delete),
    route("DELETE", "visitors", visitors::delete_all),
    route("POST", "visitors/{visitor_id}/watch_url", watch_url::create),
    route("DELETE", "visitors/{visitor_id}/session", sessions::stop),
    route("GET", "agents/lookup", agents::lookup),
    route("GET", "cobrowsing_sessions/list", sessions::list),
    route("POST", "onpremise/token", onpremise::authorize),
];

/// One request as the handlers see it.
pub(crate) struct Call {
    pub(crate) account: Account,
    pub(crate) query: Parameters,
    pub(crate) content_type: Option<String>,
    pub(crate) body: Bytes,
    captured: Option<String>,
}

impl Call {
    pub(crate) fn visitor_id(&self) -> &str {
        self.captured.as_deref().unwrap_or_default()
    }
}

/// Carries out any request that is not for the control interface.
pub(crate) fn answer(world: &mut World, head: &Parts, target: &Target, body: Bytes) -> Answer {
    dispatch(world, head, target, body).unwrap_or_else(Answer::from)
}

fn dispatch(world: &mut World, head: &Parts, target: &Target, body: Bytes) -> Result<Answer, Refusal> {
    let segments = target.segments().map_err(Refusal::unreadable_target)?;
    let segments: Vec<&str> = segments.iter().map(String::as_str).collect();
    let path = match segments.as_slice() {
        ["session", token] => return Ok(watch_page::open(world, head.method.as_str(), token)),
        [API_VERSION, path @ ..] => path,
        _ => return Err(Refusal::not_found()),
    };
    // assumed: who has no good key does not learn which routes exist.
    let account = Account::of(head)?;
    let query = target.parameters().map_err(Refusal::unreadable_target)?;
    let content_type = head.headers.get("content-type").and_then(|value| value.to_str().ok());

    let mut allowed: Vec<&str> = Vec::new();
    for route in &ROUTES {
        let Some(captured) = matched(route.path, path) else {
            continue;
        };
        if route.method == head.method.as_str() {
            let call = Call {
                account,
                query,
                content_type: content_type.map(str::to_owned),
                body,
                captured: captured.map(str::to_owned),
            };
            return (route.handler)(world, &call);
        }
        allowed.push(route.method);
    }
    if allowed.is_empty() {
        return Err(Refusal::not_found());
    }
    Ok(Answer::wrong_method(&allowed.join(", ")))
}

/// `Some` when the path is of that form, with the segment in the braces.
fn matched<'a>(form: &str, path: &[&'a str]) -> Option<Option<&'a str>> {
    let mut captured = None;
    let mut form = form.split('/');
    for segment in path {
        match form.next()? {
            // No segment at all is never an id.
            name if name.starts_with('{') && !segment.is_empty() => captured = Some(*segment),
            literal if literal == *segment => {}
            _ => return None,
        }
    }
    form.next().is_none().then_some(captured)
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    #[test]
    fn a_form_takes_whole_paths_only() {
        let form = "visitors/{visitor_id}/session";
        assert_eq!(matched(form, &["visitors", "a/b", "session"]), Some(Some("a/b")));
        assert_eq!(matched("usage", &["usage"]), Some(None));
        for path in [
            &["visitors", "a"][..],
            &["visitors", "", "session"],
            &["visitors", "a", "session", ""],
            &["visitor", "a", "session"],
            &[],
        ] {
            assert_eq!(matched(form, path), None, "{path:?}");
        }
    }

    /// The document follows from the client's catalogue of operations; the sandbox knows nothing else of it.
    #[test]
    fn the_routes_are_those_of_the_openapi_document() {
        let document: Value = serde_json::from_str(include_str!("../../../api/openapi.json")).unwrap();
        let mut documented: Vec<String> = Vec::new();
        for (path, methods) in document["paths"].as_object().unwrap() {
            documented
                .extend(methods.as_object().unwrap().keys().map(|method| format!("{} {path}", method.to_uppercase())));
        }
        let known: Vec<String> = ROUTES.iter().map(|route| format!("{} /{}", route.method, route.path)).collect();
        for route in &documented {
            assert!(
                known.contains(route),
                "the sandbox does not know {route} of api/openapi.json: add it to ROUTES in crates/sandbox/src/routes.rs"
            );
        }
        for route in &known {
            assert!(documented.contains(route), "api/openapi.json has no {route}, which the sandbox knows");
        }
    }
}
