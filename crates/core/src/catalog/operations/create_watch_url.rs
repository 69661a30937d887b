//! `POST /visitors/{visitor_id}/watch_url`.

use serde::{Serialize, Serializer};
use serde_json::{Map, Value};

use crate::catalog::define::{ExpectedShape, ParameterType, object, operation};
use crate::catalog::entry::FieldType;
use crate::catalog::model::WatchUrl;

object! {
    /// The agent who will watch.
    WatchAgent;
    example r#"use upscope::operations::WatchAgent;

let agent = WatchAgent::new("7").name("Joe Smith");
assert_eq!((agent.id.as_str(), agent.name.as_deref()), ("7", Some("Joe Smith")));"#;
    required {
        /// The agent's id in your own system.
        id: String = ParameterType::NonEmptyText => "7";
    }
    optional {
        /// The agent's name.
        name: String = ParameterType::Text => "Joe Smith";
    }
}

object! {
    /// How the agent's page looks.
    Branding;
    example r#"use upscope::operations::{Branding, Naked};

let branding = Branding::new().naked(Naked::PageOnly).on_end_url("https://desk.example/done");
assert_eq!(branding.naked, Some(Naked::PageOnly));"#;
    required {}
    optional {
        /// Whether to hide the Upscope logo; `page_only` hides the agent's controls as well. The service's default is false.
        naked: Naked = ParameterType::BooleanOr(&["page_only"]) => "true", default "false";
        /// Where the agent's browser goes when the session ends. By default, the window is closed if possible.
        on_end_url: String = ParameterType::NonEmptyText => "https://desk.example/done", default "null";
        /// The target of a "Retry now" link, shown when there are problems. By default, there is no such link.
        retry_url: String = ParameterType::NonEmptyText => "https://desk.example/retry", default "null";
    }
}

/// Which parts of the agent's page are hidden. See [`Branding`] for an example.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Naked {
    /// Nothing.
    No,
    /// The Upscope logo.
    Yes,
    /// Everything except the visitor's page.
    PageOnly,
}

impl FieldType for Naked {}

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
    /// What the agent may do. The service and the JavaScript SDK decide about missing keys.
    Permissions;
    example r#"use upscope::operations::Permissions;

let permissions = Permissions::new().allow_console(false).hide_private_details(true);
assert_eq!(permissions.allow_console, Some(false));"#;
    required {}
    optional {
        /// Redirect and reload the visitor's page.
        allow_agent_redirect: bool = ParameterType::Boolean => "false";
        /// Use audio.
        allow_audio: bool = ParameterType::Boolean => "false";
        /// Click on the visitor's page.
        allow_click: bool = ParameterType::Boolean => "false";
        /// Throw confetti.
        allow_confetti: bool = ParameterType::Boolean => "false", default "true";
        /// Use the remote console; the service's default is false.
        allow_console: bool = ParameterType::Boolean => "true", default "false";
        /// Draw on the visitor's page.
        allow_draw: bool = ParameterType::Boolean => "false";
        /// Leave notes.
        allow_notes: bool = ParameterType::Boolean => "false", default "true";
        /// Ask the visitor to share their full screen.
        allow_request_visitor_screen: bool = ParameterType::Boolean => "false", default "true";
        /// Scroll the visitor's page.
        allow_scroll: bool = ParameterType::Boolean => "false";
        /// Share the agent's screen with the visitor.
        allow_show_agent_screen: bool = ParameterType::Boolean => "false", default "true";
        /// Type on the visitor's page.
        allow_type: bool = ParameterType::Boolean => "false";
        /// Hide private details of the visitor, such as the IP address, from the agent; the service's default is false.
        hide_private_details: bool = ParameterType::Boolean => "true", default "false";
    }
}

object! {
    /// The person who views the screen, if that is not the agent.
    Viewer;
    example r#"use upscope::operations::Viewer;

let viewer = Viewer::new().name("Joe Smith");
assert_eq!(viewer.name.as_deref(), Some("Joe Smith"));"#;
    required {}
    optional {
        /// The viewer's id in your own system.
        id: String = ParameterType::Text => "9";
        /// The viewer's name.
        name: String = ParameterType::Text => "Ann Lee";
    }
}

operation! {
    /// Creates a secure link with which an agent starts a co-browsing session; treat it as a password.
    ///
    /// Anyone who has the link sees the screen: open it at once, and do not store it.
    "POST" "/visitors/{visitor_id}/watch_url" as create_watch_url(CreateWatchUrl) -> WatchUrl, ExpectedShape::Text("watch_url");
    required {
        /// The visitor's short id.
        Path visitor_id: String = ParameterType::PathSegment => "1234";
        /// The agent who will watch.
        Body agent: WatchAgent = ParameterType::Object(WatchAgent::PARAMETERS);
    }
    optional {
        /// How the agent's page looks.
        Body branding: Branding = ParameterType::Object(Branding::PARAMETERS);
        /// The initial text of the agent's notes.
        Body initial_notes: String = ParameterType::Text => "Asked about: ";
        /// Stored with the record of the session: a flat object of strings, numbers and booleans.
        Body metadata: Map<String, Value> = ParameterType::FlatObject => r#"{"ticket": "T-1"}"#;
        /// What the agent may do.
        Body permissions: Permissions = ParameterType::Object(Permissions::PARAMETERS);
        /// The language of the agent's page. By default, that of the browser.
        Body language: String = ParameterType::Text => "en";
        /// The person who views the screen, if that is not the agent.
        Body viewer: Viewer = ParameterType::Object(Viewer::PARAMETERS);
        /// Where the service posts the record of the session when it has ended.
        Body webhook_url: String = ParameterType::Url => "https://desk.example/hook";
    }
    /// The link, and when it expires.
    response r#"{"status": "ok", "watch_url": "https://cobrowsingapi.example/session/a964e00a", "expiration": "2026-01-31T09:31:00.000Z"}"#;
    errors {
        402 "This session would exceed the limits of the subscription.";
        404 "The visitor does not exist.";
    }
}
