//! `POST /onpremise/token`.

use crate::model::OnpremiseToken;
use crate::operation::{Promise, object, operation};
use crate::parameter::Kind;

object! {
    /// The agent who co-browses on premise.
    OnpremiseAgent;
    required {
        /// The agent's id in your own system.
        id: String = Kind::NonEmptyText;
        /// The agent's name.
        name: String = Kind::NonEmptyText;
    }
    optional {}
}

operation! {
    /// Authorizes a session on an on-premise server.
    "POST" "/onpremise/token" as authorize_onpremise_session(AuthorizeOnpremiseSession) -> OnpremiseToken, Promise::Token;
    required {
        /// The id of the visitor to co-browse with.
        Body visitor_id: String = Kind::Segment;
        /// The agent who co-browses.
        Body agent: OnpremiseAgent = Kind::Object(OnpremiseAgent::PARAMETERS);
    }
    optional {}
}
