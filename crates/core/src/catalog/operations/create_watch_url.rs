//! `POST /visitors/{visitor_id}/watch_url`.

use serde::{Serialize, Serializer};
use serde_json::{Map, Value};

use crate::catalog::entry::RequestType;
use crate::catalog::model::WatchUrl;
use crate::catalog::operation::{ExpectedShape, object, operation};
use crate::catalog::parameter::Kind;

object! {
    /// The agent who will watch.
    WatchAgent;
    required {
        /// The agent's id in your own system.
        id: String = Kind::NonEmptyText => "7";
    }
    optional {
        /// The agent's name.
        name: String = Kind::Text => "Joe Smith";
    }
}

object! {
    /// How the agent's page looks.
    Branding;
    required {}
    optional {
        /// Whether to leave out the Upscope logo; `page_only` leaves out the agent's controls as well. The service's default is false.
        naked: Naked = Kind::BooleanOr(&["page_only"]) => "true", default "false";
        /// Where the agent's browser goes when the session ends; when left out, the window is closed if possible.
        on_end_url: String = Kind::NonEmptyText => "https://desk.example/done";
        /// Where a "Retry now" link leads when there are problems; when left out, there is no such link.
        retry_url: String = Kind::NonEmptyText => "https://desk.example/retry";
    }
}

/// How much of the agent's page is left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Naked {
    /// Nothing.
    No,
    /// The Upscope logo.
    Yes,
    /// Everything but the visitor's page.
    PageOnly,
}

impl RequestType for Naked {}

impl Serialize for Naked {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Naked::No => serializer.serialize_bool(false),
            Naked::Yes => serializer.serialize_bool(true),
            Naked::PageOnly => serializer.serialize_str("page_only"),
        }
    }
}

object! {
    /// What the agent may do. What is left out is decided by the service and the JavaScript SDK.
    Permissions;
    required {}
    optional {
        /// Redirect and reload the visitor's page.
        allow_agent_redirect: bool = Kind::Boolean => "false";
        /// Use audio.
        allow_audio: bool = Kind::Boolean => "false";
        /// Click on the visitor's page.
        allow_click: bool = Kind::Boolean => "false";
        /// Throw confetti.
        allow_confetti: bool = Kind::Boolean => "false", default "true";
        /// Use the remote console; the service's default is false.
        allow_console: bool = Kind::Boolean => "true", default "false";
        /// Draw on the visitor's page.
        allow_draw: bool = Kind::Boolean => "false";
        /// Leave notes.
        allow_notes: bool = Kind::Boolean => "false", default "true";
        /// Ask the visitor to share their full screen.
        allow_request_visitor_screen: bool = Kind::Boolean => "false", default "true";
        /// Scroll the visitor's page.
        allow_scroll: bool = Kind::Boolean => "false";
        /// Share the agent's screen with the visitor.
        allow_show_agent_screen: bool = Kind::Boolean => "false", default "true";
        /// Type on the visitor's page.
        allow_type: bool = Kind::Boolean => "false";
        /// Hide private details of the visitor, such as the IP address, from the agent; the service's default is false.
        hide_private_details: bool = Kind::Boolean => "true", default "false";
    }
}

object! {
    /// The person who views the screen, when that is not the agent.
    Viewer;
    required {}
    optional {
        /// The viewer's id in your own system.
        id: String = Kind::Text => "9";
        /// The viewer's name.
        name: String = Kind::Text => "Ann Lee";
    }
}

operation! {
    /// Makes a secure link with which an agent starts a co-browsing session; treat it as a password.
    ///
    /// Who holds the link sees the screen: open it at once, and store it nowhere.
    "POST" "/visitors/{visitor_id}/watch_url" as create_watch_url(CreateWatchUrl) -> WatchUrl, ExpectedShape::Text("watch_url");
    required {
        /// The visitor's short id.
        Path visitor_id: String = Kind::Segment => "1234";
        /// The agent who will watch.
        Body agent: WatchAgent = Kind::Object(WatchAgent::PARAMETERS);
    }
    optional {
        /// How the agent's page looks.
        Body branding: Branding = Kind::Object(Branding::PARAMETERS);
        /// What the agent's notes hold at the start.
        Body initial_notes: String = Kind::Text => "Asked about: ";
        /// Kept with the session's record: a flat object of strings, numbers and booleans.
        Body metadata: Map<String, Value> = Kind::FlatObject => r#"{"ticket": "T-1"}"#;
        /// What the agent may do.
        Body permissions: Permissions = Kind::Object(Permissions::PARAMETERS);
        /// The language of the agent's page; the browser's when left out.
        Body language: String = Kind::Text => "en";
        /// The person who views the screen, when that is not the agent.
        Body viewer: Viewer = Kind::Object(Viewer::PARAMETERS);
        /// Where the service posts the session's record when it has ended.
        Body webhook_url: String = Kind::Url => "https://desk.example/hook";
    }
    /// The link, and when it stops working.
    answer r#"{"status": "ok", "watch_url": "https://cobrowsingapi.example/session/a964e00a", "expiration": "2026-01-31T09:31:00.000Z"}"#;
    refused {
        402 "This session would exceed the limits of the subscription.";
        404 "The visitor does not exist.";
    }
}
