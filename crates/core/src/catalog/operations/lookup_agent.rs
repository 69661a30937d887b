//! `GET /agents/lookup`.

use crate::catalog::model::Agent;
use crate::catalog::operation::{ExpectedShape, operation};
use crate::catalog::parameter::Kind;

operation! {
    /// Looks up an agent by e-mail address or by external id.
    "GET" "/agents/lookup" as lookup_agent(LookupAgent) -> Agent, ExpectedShape::Object("agent"),
        exactly one of ["email", "external_id"];
    required {}
    optional {
        /// The e-mail address of a user of the account.
        Query email: String = Kind::NonEmptyText => "joe@example.com";
        /// The id that your own system gave the agent when it made a watch link.
        Query external_id: String = Kind::NonEmptyText => "ext-123";
    }
    /// The agent.
    answer r#"{"status": "ok", "agent": {"id": "u_1234", "name": "Joe Smith", "email": "joe@example.com", "sessions": []}}"#;
    refused {
        404 "There is no such agent.";
    }
}
