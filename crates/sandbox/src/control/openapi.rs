//! `GET /openapi.json`: the OpenAPI document of the API, with the sandbox as its server. Pages of any origin may read it, such
//! as documentation viewers, because it is public.

use hyper::header::{ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue};
use serde_json::{Value, json};

use crate::app_state::AppState;
use crate::http::response::Response;
use crate::routes::API_VERSION;

const DOCUMENT: &str = include_str!("../../../../api/openapi.json");

pub(super) fn show(app: &AppState) -> Response {
    let mut document: Value = serde_json::from_str(DOCUMENT).unwrap_or_default();
    document["servers"] = json!([{"url": format!("{}/{API_VERSION}", app.origin)}]);
    let mut response = Response::json(&document);
    response.headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    response
}
