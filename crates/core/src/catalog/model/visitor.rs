//! A person on the customer's web page.

use crate::catalog::model::{Session, answer, model};
use crate::support::secret::Secret;

model! {
    /// A person on the customer's web page.
    Visitor {
        /// The id by which the API knows the visitor.
        short_id: String,
        /// The id that the customer's page gave the visitor.
        unique_id: String,
        /// Four digits the visitor can read out; kept as text, as it may start with 0.
        lookup_code: String,
        /// Names and addresses the customer's page gave.
        identities: Vec<String>,
        /// Tags the customer's page gave.
        tags: Vec<String>,
        /// E-mail address.
        email: String,
        /// Name.
        name: String,
        /// Name given by an agent.
        nickname: String,
        /// When the visitor was first seen.
        added_at: String as Time,
        /// The older name of `added_at`.
        first_seen_at: String as Time,
        /// When the visitor was last seen.
        last_seen_at: String as Time,
        /// The public key of the page, which is not the secret key of the REST API.
        api_key: String,
        /// Browser.
        browser_name: String,
        /// Device.
        device_name: String,
        /// `desktop`, `mobile`, `tablet` and others; the set is open.
        device_type: String,
        /// Name for calls.
        call_name: String,
        /// Integration through which the visitor came.
        integration: String,
        /// Page the visitor was last on.
        last_url: String,
        /// IP address.
        ip_address: String,
        /// Whether the visitor is online.
        is_online: bool,
        /// Whether the visitor is in a session.
        is_in_session: bool,
        /// Whether the visitor's browser can be watched.
        is_supported: bool,
        /// Whether the visitor waits for a call.
        is_waiting_for_call: bool,
        /// Whether the page configured Upscope by JavaScript.
        js_configuration: bool,
        /// City.
        location_city: String,
        /// Country, such as `US`.
        location_country: String,
        /// Country's name.
        location_country_name: String,
        /// Link for agents who log in.
        watch_link: Secret,
        /// The last 50 sessions.
        sessions: Vec<Session>,
    }
}
answer!(Visitor);
