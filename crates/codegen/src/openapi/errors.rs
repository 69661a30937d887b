//! The responses with an error status. The service documents the body of a 401, and for some operations which other
//! statuses they have. All else is assumed: it is what the sandbox answers, and what HTTP defines.

use serde_json::{Map, Value, json};

use crate::catalog::Operation;

/// Responses that several operations share: status, name, description.
const SHARED: &[(&str, &str, &str)] = &[
    ("400", "bad_request", "Assumed: the request target is not encoded correctly."),
    ("401", "unauthorized", "The API key is not accepted, or the account may not use the API."),
    ("404", "not_found", "Assumed: there is no object with an id that the request names."),
    ("413", "body_too_large", "Assumed: the body is too large."),
    ("422", "invalid_request", "Assumed: a parameter or the body is not as this document says."),
    ("429", "too_many_requests", "Assumed: there were too many requests in a short time."),
    ("5XX", "server_error", "Assumed: the service cannot respond now. The body may be anything."),
];

/// `components.responses`.
pub(super) fn components() -> Value {
    let responses = SHARED.iter().map(|(status, name, description)| {
        let mut response = json!({"description": description});
        if *status != "5XX" {
            response = error_response(description);
        }
        if *status == "429" {
            response["headers"] = json!({"Retry-After": {
                "description": "Assumed: in how many seconds, or when, the request may be repeated.",
                "schema": {"type": "string"},
            }});
        }
        ((*name).to_owned(), response)
    });
    Value::Object(responses.collect())
}

/// `components.schemas.Error`.
pub(super) fn schema() -> Value {
    json!({
        "description": "Why a request failed. Only the members `status` and `error` of a 401 are documented; other errors can \
            have another body, or none.",
        "type": "object",
        "properties": {
            "status": {"description": "`error`.", "type": ["string", "null"]},
            "error": {
                "description": "A code. Of a 401: `invalid_api_key`, `no_subscription`, `api_not_enabled`, \
                    `please_contact_team` or another one.",
                "type": ["string", "null"],
            },
            "message": {"description": "Assumed: a sentence for the developer.", "type": ["string", "null"]},
        },
        "example": {"status": "error", "error": "invalid_api_key"},
    })
}

/// The error responses of an operation, by status.
pub(super) fn responses(operation: &Operation) -> Map<String, Value> {
    let shared = SHARED.iter().filter(|(status, ..)| can_occur(operation, status));
    let mut responses: Map<String, Value> = shared
        .map(|(status, name, _)| ((*status).to_owned(), json!({"$ref": format!("#/components/responses/{name}")})))
        .collect();
    for (status, meaning) in operation.http_errors {
        responses.insert(status.to_string(), error_response(meaning));
    }
    responses
}

fn can_occur(operation: &Operation, status: &str) -> bool {
    let has_key_in = |locations: &[&str]| operation.keys.iter().any(|key| locations.contains(&key.location));
    match status {
        "404" => operation.keys.iter().any(|key| key.name.ends_with("_id") && key.location != "body"),
        "413" => has_key_in(&["body"]),
        "422" => has_key_in(&["body", "query"]),
        _ => true,
    }
}

fn error_response(description: &str) -> Value {
    json!({
        "description": description,
        "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}},
    })
}
