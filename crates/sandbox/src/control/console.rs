//! `GET /`: the live page, a single document without other files.

use crate::http::response::{ApiError, Response};

const PAGE: &str = include_str!("../../pages/console/console.html");
const STYLE: &str = include_str!("../../pages/console/console.css");
/// The scripts share one scope, in this order.
const SCRIPT: &str = concat!(
    include_str!("../../pages/console/dom.js"),
    include_str!("../../pages/console/api.js"),
    include_str!("../../pages/console/json_view.js"),
    include_str!("../../pages/console/clock.js"),
    include_str!("../../pages/console/visitors.js"),
    include_str!("../../pages/console/sessions.js"),
    include_str!("../../pages/console/requests.js"),
    include_str!("../../pages/console/request_details.js"),
    include_str!("../../pages/console/webhooks.js"),
    include_str!("../../pages/console/faults.js"),
    include_str!("../../pages/console/main.js"),
);

pub(super) fn show() -> Result<Response, ApiError> {
    let mut random = [0; 16];
    getrandom::fill(&mut random).map_err(|_| ApiError::no_randomness())?;
    let nonce: String = random.iter().map(|byte| format!("{byte:02x}")).collect();
    let page = PAGE.replace("{nonce}", &nonce).replace("{style}", STYLE).replace("{script}", SCRIPT);
    // Nothing but the page's own style and script is applied. The script cannot turn text into HTML.
    let policy = format!(
        "default-src 'none'; script-src 'nonce-{nonce}'; style-src 'nonce-{nonce}'; connect-src 'self'; img-src data:; \
         base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'"
    );
    Ok(Response::html(200, page)
        .with_header("content-security-policy", &policy)
        .with_header("cache-control", "no-store"))
}
