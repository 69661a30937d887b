//! `GET /agents/lookup`.

use crate::catalog::define::{ExpectedShape, ParameterType, operation};
use crate::catalog::model::Agent;

operation! {
    /// Looks up an agent by e-mail address or by external id.
    "GET" "/agents/lookup" as lookup_agent(LookupAgent) -> Agent, ExpectedShape::Object("agent"),
        exactly one of ["email", "external_id"];
    required {}
    optional {
        /// The e-mail address of a user of the account.
        Query email: String = ParameterType::NonEmptyText => "joe@example.com";
        /// The agent's id in your own system, as used when a watch link was created.
        Query external_id: String = ParameterType::NonEmptyText => "ext-123";
    }
    /// The agent.
    response r#"{"status": "ok", "agent": {"id": "u_1234", "name": "Joe Smith", "email": "joe@example.com", "sessions": []}}"#;
    errors {
        404 "The agent does not exist.";
    }
}
