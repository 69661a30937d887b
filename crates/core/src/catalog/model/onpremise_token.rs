//! An on-premise authorization.

use crate::catalog::model::{answer, model};
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
answer!(OnpremiseToken);
