//! The route table, and the dispatch of API requests to their handlers.

use hyper::body::Bytes;
use hyper::header::CONTENT_TYPE;
use hyper::http::request::Parts;
use serde_json::Value;

use crate::app_state::AppState;
use crate::auth::{self, Account};
use crate::endpoints::{agents, onpremise, sessions, usage, visitors, watch_page, watch_url};
use crate::http::header_text;
use crate::http::json_body;
use crate::http::request_target::{QueryParameters, RequestTarget};
use crate::http::response::{ApiError, Response, quote};

pub(crate) const API_VERSION: &str = "v1.3";

type Handler = fn(&mut AppState, &ApiRequest) -> Result<Response, ApiError>;

struct Route {
    operation: &'static str,
    method: &'static str,
    path: &'static str,
    handler: Handler,
}

const fn route(operation: &'static str, method: &'static str, path: &'static str, handler: Handler) -> Route {
    Route { operation, method, path, handler }
}

/// Paths are below the API version. A name in braces matches any one segment.
const ROUTES: [Route; 10] = [
    route("get_usage", "GET", "usage", usage::show),
    route("list_visitors", "GET", "list", visitors::list),
    route("get_visitor", "GET", "visitors/{visitor_id}", visitors::show),
    route("delete_visitor", "DELETE", "visitors/{visitor_id}", visitors::delete),
    route("delete_all_visitors", "DELETE", "visitors", visitors::delete_all),
    route("create_watch_url", "POST", "visitors/{visitor_id}/watch_url", watch_url::create),
    route("stop_session", "DELETE", "visitors/{visitor_id}/session", sessions::stop),
    route("lookup_agent", "GET", "agents/lookup", agents::lookup),
    route("list_sessions", "GET", "cobrowsing_sessions/list", sessions::list),
    route("authorize_onpremise_session", "POST", "onpremise/token", onpremise::authorize),
];

/// The names of all operations, as in the OpenAPI document.
pub(crate) fn operations() -> impl Iterator<Item = &'static str> + Clone {
    ROUTES.iter().map(|route| route.operation)
}

/// The operation of a request. The path has the decoded segments below the API version.
pub(crate) fn operation_of(method: &str, path: &[&str]) -> Option<&'static str> {
    let found = ROUTES.iter().find(|route| route.method == method && match_path(route.path, path).is_some());
    found.map(|route| route.operation)
}

/// A request as the handlers see it.
pub(crate) struct ApiRequest {
    pub(crate) account: Account,
    pub(crate) query: QueryParameters,
    pub(crate) content_type: Option<String>,
    pub(crate) body: Bytes,
    path_parameter: Option<String>,
}

impl ApiRequest {
    pub(crate) fn visitor_id(&self) -> &str {
        self.path_parameter.as_deref().unwrap_or_default()
    }

    pub(crate) fn json_body(&self) -> Result<Value, ApiError> {
        let content_type = self.content_type.as_deref().unwrap_or_default();
        if !json_body::is_json(content_type) {
            return Err(ApiError::invalid(format!(
                "the content type is {}, not application/json",
                quote(content_type)
            )));
        }
        json_body::parse(&self.body).map_err(ApiError::invalid)
    }
}

/// Executes any request that is not for the control interface.
pub(crate) fn handle(app: &mut AppState, head: &Parts, target: &RequestTarget, body: Bytes) -> Response {
    dispatch(app, head, target, body)
        .unwrap_or_else(|error| error.without(header_text(&head.headers, auth::KEY_HEADER)).into())
}

fn dispatch(app: &mut AppState, head: &Parts, target: &RequestTarget, body: Bytes) -> Result<Response, ApiError> {
    let segments = target.segments().map_err(ApiError::invalid_target)?;
    let segments: Vec<&str> = segments.iter().map(String::as_str).collect();
    let path = match segments.as_slice() {
        ["session", token, path @ ..] => {
            return Ok(watch_page::handle(app, head.method.as_str(), token, path, target.parameters()));
        }
        [API_VERSION, path @ ..] => path,
        _ => {
            return Err(ApiError::not_found(format!(
                "there is nothing at {}; the paths of the API begin with /{API_VERSION}/",
                quote(&target.path)
            )));
        }
    };
    // assumed: without a valid key, requests to unknown routes also get a 401.
    let account = Account::authenticate(head)?;
    let query = target.parameters().map_err(ApiError::invalid_target)?;
    let content_type = header_text(&head.headers, CONTENT_TYPE);

    let mut allowed: Vec<&str> = Vec::new();
    for route in &ROUTES {
        let Some(path_parameter) = match_path(route.path, path) else {
            continue;
        };
        if route.method == head.method.as_str() {
            let request = ApiRequest {
                account,
                query,
                content_type: content_type.map(str::to_owned),
                body,
                path_parameter: path_parameter.map(str::to_owned),
            };
            return (route.handler)(app, &request);
        }
        allowed.push(route.method);
    }
    if allowed.is_empty() {
        return Err(ApiError::not_found(format!("the API has no path {}", quote(&target.path))));
    }
    Ok(Response::method_not_allowed(&allowed.join(", ")))
}

/// Returns `Some` if the path matches the pattern. The inner value is the segment that matches the braces, if any.
fn match_path<'a>(pattern: &str, path: &[&'a str]) -> Option<Option<&'a str>> {
    let mut path_parameter = None;
    let mut pattern = pattern.split('/');
    for segment in path {
        match pattern.next()? {
            // An id is never empty.
            name if name.starts_with('{') && !segment.is_empty() => path_parameter = Some(*segment),
            literal if literal == *segment => {}
            _ => return None,
        }
    }
    pattern.next().is_none().then_some(path_parameter)
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    #[test]
    fn matches_only_complete_paths() {
        let pattern = "visitors/{visitor_id}/session";
        assert_eq!(match_path(pattern, &["visitors", "a/b", "session"]), Some(Some("a/b")));
        assert_eq!(match_path("usage", &["usage"]), Some(None));
        for path in [
            &["visitors", "a"][..],
            &["visitors", "", "session"],
            &["visitors", "a", "session", ""],
            &["visitor", "a", "session"],
            &[],
        ] {
            assert_eq!(match_path(pattern, path), None, "{path:?}");
        }
    }

    /// The document is generated from the library's operation catalogue, which the sandbox does not use otherwise.
    #[test]
    fn routes_match_the_openapi_document() {
        let document: Value = serde_json::from_str(include_str!("../../../api/openapi.json")).unwrap();
        let mut documented: Vec<String> = Vec::new();
        for (path, methods) in document["paths"].as_object().unwrap() {
            for (method, operation) in methods.as_object().unwrap() {
                let name = operation["operationId"].as_str().unwrap();
                documented.push(format!("{} {path} {name}", method.to_uppercase()));
            }
        }
        let known: Vec<String> =
            ROUTES.iter().map(|route| format!("{} /{} {}", route.method, route.path, route.operation)).collect();
        for route in &documented {
            assert!(
                known.contains(route),
                "the sandbox has no route for {route} in api/openapi.json: add it to ROUTES in crates/sandbox/src/routes.rs"
            );
        }
        for route in &known {
            assert!(documented.contains(route), "the sandbox has the route {route}, which is not in api/openapi.json");
        }
    }
}
