//! An on-premise authorization.

use crate::catalog::model::{model, response};
use crate::support::secret::Secret;

model! {
    /// Whether a session on an on-premise server is authorized, and the token for that server.
    OnpremiseToken {
        /// Whether the session is authorized.
        authorized: bool,
        /// The token for the on-premise server; treat it as a password.
        token: Secret,
    }
}
response!(OnpremiseToken);
