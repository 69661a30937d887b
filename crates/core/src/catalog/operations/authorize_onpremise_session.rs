//! `POST /onpremise/token`.

use crate::catalog::define::{ExpectedShape, ParameterType, object, operation};
use crate::catalog::model::OnpremiseToken;

object! {
    /// The agent who co-browses on premise.
    OnpremiseAgent;
    example r#"use upscope::operations::OnpremiseAgent;

let agent = OnpremiseAgent::new("7", "Joe Smith");
assert_eq!((agent.id.as_str(), agent.name.as_str()), ("7", "Joe Smith"));"#;
    required {
        /// The agent's id in your own system.
        id: String = ParameterType::NonEmptyText => "7";
        /// The agent's name.
        name: String = ParameterType::NonEmptyText => "Joe Smith";
    }
    optional {}
}

operation! {
    /// Authorizes a session on an on-premise server.
    ///
    /// The token is for the on-premise server; treat it as a password.
    "POST" "/onpremise/token" as authorize_onpremise_session(AuthorizeOnpremiseSession) -> OnpremiseToken, ExpectedShape::Token;
    required {
        /// The id of the visitor to co-browse with.
        Body visitor_id: String = ParameterType::PathSegment => "1234", [positional];
        /// The agent who co-browses.
        Body agent: OnpremiseAgent = ParameterType::Object(OnpremiseAgent::PARAMETERS);
    }
    optional {}
    /// Whether the session is authorized, and the token for the on-premise server.
    response r#"{"authorized": true, "token": "eyJhbGciOiJIUzI1NiJ9.e30.c2FuZGJveA"}"#;
    errors {
        402 "This session is not authorized.";
    }
}
