//! The pages and scripts for browsers, from the folder `pages`. Each page is one self-contained document.

use std::sync::LazyLock;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hyper::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, HeaderName, HeaderValue, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS,
};
use ring::digest::{SHA256, digest};
use serde_json::Value;

use crate::http::response::Response;

/// The parts of the watch page's script, in their order.
const WATCH_SCRIPT: [&str; 4] = [
    include_str!("../pages/languages.js"),
    include_str!("../pages/mirror.js"),
    include_str!("../pages/pretended_page.js"),
    include_str!("../pages/watch.js"),
];

static WATCH_PAGE: LazyLock<Document> = LazyLock::new(|| {
    let script = format!("(() => {{\n'use strict';\n{}}})();\n", WATCH_SCRIPT.concat());
    Document::new(include_str!("../pages/watch.html"), "watch", include_str!("../pages/watch.css"), &script)
});

/// A page without its settings, and the Content-Security-Policy under which only its own script and style sheet run.
struct Document {
    before_settings: String,
    after_settings: String,
    policy: String,
}

impl Document {
    /// `html` contains the placeholders `{NAME.css}`, `{settings}` and `{NAME.js}`, in this order.
    fn new(html: &str, name: &str, style: &str, script: &str) -> Self {
        let split = |text: &str, placeholder: &str| {
            let (before, after) =
                text.split_once(placeholder).unwrap_or_else(|| panic!("no {placeholder} in {name}.html"));
            (before.to_owned(), after.to_owned())
        };
        let (before_style, rest) = split(html, &format!("{{{name}.css}}"));
        let (before_settings, rest) = split(&rest, "{settings}");
        let (before_script, after_script) = split(&rest, &format!("{{{name}.js}}"));
        Self {
            before_settings: format!("{before_style}{style}{before_settings}"),
            after_settings: format!("{before_script}{script}{after_script}"),
            policy: format!(
                "default-src 'none'; script-src {}; style-src {}; connect-src 'self'; img-src data:; base-uri 'none'; \
                 form-action 'none'",
                hash_source(script),
                hash_source(style)
            ),
        }
    }
}

/// The source expression that allows one inline script or style sheet.
fn hash_source(content: &str) -> String {
    format!("'sha256-{}'", STANDARD.encode(digest(&SHA256, content.as_bytes())))
}

/// The page of a watch link. Pages of any origin may embed it, as the service documents, so its policy does not restrict
/// them.
pub(crate) fn watch_page(status: u16, settings: &Value) -> Response {
    let page = &*WATCH_PAGE;
    // In JSON, `<` occurs only within strings. Escaped, no string can end the script element.
    let settings = settings.to_string().replace('<', "\\u003c");
    let mut response = Response::html(status, format!("{}{settings}{}", page.before_settings, page.after_settings));
    if let Ok(policy) = HeaderValue::from_str(&page.policy) {
        response.headers.insert(CONTENT_SECURITY_POLICY, policy);
    }
    let mut set = |name: HeaderName, value| response.headers.insert(name, HeaderValue::from_static(value));
    // The address of the page grants access to the session.
    set(REFERRER_POLICY, "no-referrer");
    set(CACHE_CONTROL, "no-store");
    set(X_CONTENT_TYPE_OPTIONS, "nosniff");
    response
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// What an element of the page contains.
    fn content<'a>(page: &'a str, start: &str, end: &str) -> &'a str {
        page.split_once(start).and_then(|(_, rest)| rest.split_once(end)).unwrap().0
    }

    #[test]
    fn settings_stay_within_their_element() {
        let settings = json!({"initial_notes": "</script><script>alert(1)</script><!--"});
        let response = watch_page(200, &settings);
        let page = String::from_utf8(response.body).unwrap();
        let embedded = content(&page, r#"<script type="application/json" id="settings">"#, "</script>");
        assert_eq!(serde_json::from_str::<Value>(embedded).unwrap(), settings);
        assert_eq!(page.matches("<script").count(), 2);
        assert_eq!(page.matches("</script").count(), 2);
    }

    #[test]
    fn the_policy_allows_only_the_script_and_the_style_sheet_of_the_page() {
        let response = watch_page(200, &json!({}));
        let page = String::from_utf8(response.body).unwrap();
        let policy = response.headers[CONTENT_SECURITY_POLICY].to_str().unwrap();
        let (script, style) = (content(&page, "<script>", "</script>"), content(&page, "<style>", "</style>"));
        assert!(policy.starts_with("default-src 'none'; script-src 'sha256-"), "{policy}");
        assert!(policy.contains(&format!("script-src {};", hash_source(script))), "{policy}");
        assert!(policy.contains(&format!("style-src {};", hash_source(style))), "{policy}");
        // Browsers replace these before they compute the hashes.
        assert!(!page.contains('\r'), "the files in crates/sandbox/pages have Windows line endings");
    }

    #[test]
    fn pages_are_self_contained() {
        let page = String::from_utf8(watch_page(200, &json!({})).body).unwrap();
        for reference in ["src=", "@import", "url(", "href=\"http"] {
            assert!(!page.contains(reference), "{reference}");
        }
    }
}
