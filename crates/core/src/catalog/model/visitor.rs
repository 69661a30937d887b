//! A person on the customer's web page.

use crate::catalog::model::{Session, model, response};
use crate::support::secret::Secret;

model! {
    /// A person on the customer's web page.
    Visitor {
        /// The id in the API.
        short_id: String,
        /// The id set by the customer's page.
        unique_id: String,
        /// Four digits that the visitor can read out. A string, because it may start with 0.
        lookup_code: String,
        /// Names and addresses set by the customer's page.
        identities: Vec<String>,
        /// Tags set by the customer's page.
        tags: Vec<String>,
        /// E-mail address.
        email: String,
        /// Name.
        name: String,
        /// Name set by an agent.
        nickname: String,
        /// When the visitor was first seen.
        added_at: String as Time,
        /// The older name of `added_at`.
        first_seen_at: String as Time,
        /// When the visitor was last seen.
        last_seen_at: String as Time,
        /// The public key of the page, not the secret key of the REST API.
        api_key: String,
        /// Browser.
        browser_name: String,
        /// Device.
        device_name: String,
        /// `desktop`, `mobile`, `tablet` or another value.
        device_type: String,
        /// Name for calls.
        call_name: String,
        /// Integration through which the visitor came.
        integration: String,
        /// The last page that the visitor was on.
        last_url: String,
        /// IP address.
        ip_address: String,
        /// Whether the visitor is online.
        is_online: bool,
        /// Whether the visitor is in a session.
        is_in_session: bool,
        /// Whether the visitor's browser can be watched.
        is_supported: bool,
        /// Whether the visitor is waiting for a call.
        is_waiting_for_call: bool,
        /// Whether the page configured Upscope in JavaScript.
        js_configuration: bool,
        /// City.
        location_city: String,
        /// Country, such as `US`.
        location_country: String,
        /// Name of the country.
        location_country_name: String,
        /// Watch link for agents who log in.
        watch_link: Secret,
        /// The last 50 sessions.
        sessions: Vec<Session>,
    }
}
response!(Visitor);
