//! A link to a visitor's screen.

use crate::catalog::model::{answer, model};
use crate::support::secret::Secret;

model! {
    /// A secure watch link: who holds it sees the screen. Open it at once, and store it nowhere.
    WatchUrl {
        /// The link.
        watch_url: Secret,
        /// When the link stops working.
        expiration: String as Time,
    }
}
answer!(WatchUrl);
