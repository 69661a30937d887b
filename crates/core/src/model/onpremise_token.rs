//! An on-premise authorization.

use super::{answer, model};
use crate::secret::Secret;

model! {
    /// Whether a session on an on-premise server is authorized.
    OnpremiseToken {
        /// Whether it is.
        authorized: bool,
        /// What the on-premise server is given.
        token: Secret,
    }
}
answer!(OnpremiseToken);
