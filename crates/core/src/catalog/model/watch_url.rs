//! A link to a visitor's screen.

use crate::catalog::model::{model, response};
use crate::support::secret::Secret;

model! {
    /// A secure watch link. Anyone who has it sees the screen: open it at once, and do not store it.
    WatchUrl {
        /// The link.
        watch_url: Secret,
        /// When the link expires.
        expiration: String as Time,
    }
}
response!(WatchUrl);
