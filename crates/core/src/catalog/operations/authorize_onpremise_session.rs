//! `POST /onpremise/token`.

use crate::catalog::model::OnpremiseToken;
use crate::catalog::operation::{ExpectedShape, object, operation};
use crate::catalog::parameter::Kind;

object! {
    /// The agent who co-browses on premise.
    OnpremiseAgent;
    required {
        /// The agent's id in your own system.
        id: String = Kind::NonEmptyText => "7";
        /// The agent's name.
        name: String = Kind::NonEmptyText => "Joe Smith";
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
        Body visitor_id: String = Kind::Segment => "1234", [positional];
        /// The agent who co-browses.
        Body agent: OnpremiseAgent = Kind::Object(OnpremiseAgent::PARAMETERS);
    }
    optional {}
    /// Whether the session is authorized, and the token for the on-premise server.
    answer r#"{"authorized": true, "token": "eyJhbGciOiJIUzI1NiJ9.e30.c2FuZGJveA"}"#;
    refused {
        402 "This session is not authorized.";
    }
}
