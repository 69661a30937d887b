//! The JSON body of a POST.

use serde_json::Value;

use crate::answer::Refusal;
use crate::routes::Call;

pub(super) fn read(call: &Call) -> Result<Value, Refusal> {
    let content_type = call.content_type.as_deref().unwrap_or_default();
    if !is_json(content_type) {
        return Err(Refusal::invalid(format!("the content type is {content_type:?}, not application/json")));
    }
    serde_json::from_slice(&call.body).map_err(|why| Refusal::invalid(format!("the body is not JSON: {why}")))
}

/// Whether a Content-Type, parameters aside, is that of JSON.
pub(crate) fn is_json(content_type: &str) -> bool {
    let media_type = content_type.split(';').next().unwrap_or_default();
    media_type.trim().eq_ignore_ascii_case("application/json")
}
