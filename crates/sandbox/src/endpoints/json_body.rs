//! The JSON body of a POST.

use serde_json::Value;

use crate::answer::Refusal;
use crate::routes::Call;

pub(super) fn read(call: &Call) -> Result<Value, Refusal> {
    let content_type = call.content_type.as_deref().unwrap_or_default();
    let media_type = content_type.split(';').next().unwrap_or_default().trim();
    if !media_type.eq_ignore_ascii_case("application/json") {
        return Err(Refusal::invalid(format!("the content type is {media_type:?}, not application/json")));
    }
    serde_json::from_slice(&call.body).map_err(|why| Refusal::invalid(format!("the body is not JSON: {why}")))
}
