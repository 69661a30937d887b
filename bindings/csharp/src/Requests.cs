using System;
using System.Collections.Generic;
using System.Text;

namespace Upscope
{
    /// <summary>Settings of a client. What is null is left to the library's default.</summary>
    public sealed class UpscopeConfiguration
    {
        /// <summary>The secret REST API key. Default: the environment variable UPSCOPE_API_KEY.</summary>
        public string ApiKey { get; set; }

        /// <summary>
        /// Where the service is, a path prefix included. Default: the environment variable UPSCOPE_BASE_URL,
        /// else the service's own address.
        /// </summary>
        public string BaseUrl { get; set; }

        /// <summary>Whether plain http is allowed to other hosts than this computer. Default: false.</summary>
        public bool? AllowHttp { get; set; }

        /// <summary>
        /// A whole call: DNS, connection, every attempt, waits between them. Default: 30 seconds.
        /// </summary>
        public TimeSpan? Timeout { get; set; }

        /// <summary>One connection, proxy and TLS included. Default: 10 seconds.</summary>
        public TimeSpan? ConnectTimeout { get; set; }

        /// <summary>How often a failed attempt may be repeated. Default: 2.</summary>
        public int? MaxRetries { get; set; }

        /// <summary>
        /// The proxy's URL (http, https, socks5, socks5h), or an empty text for none. Default: the environment
        /// variables HTTPS_PROXY, HTTP_PROXY, ALL_PROXY and NO_PROXY.
        /// </summary>
        public string Proxy { get; set; }

        /// <summary>A PEM file of root certificates, added to the operating system's.</summary>
        public string CaFile { get; set; }

        /// <summary>The program's name and version, put in front of this library's.</summary>
        public string UserAgent { get; set; }

        /// <summary>The largest answer accepted, after decompression. Default: 67108864.</summary>
        public long? MaxResponseBytes { get; set; }

        /// <summary>
        /// Whether JSON comes with \uXXXX outside ASCII. Default: false, and of no use in .NET.
        /// </summary>
        public bool? AsciiJson { get; set; }

        /// <summary>Further keys, for what a newer library understands.</summary>
        public IDictionary<string, object> Further { get; set; }

        internal string ToRequest()
        {
            RequestWriter request = new RequestWriter()
                .Add("api_key", ApiKey).Add("base_url", BaseUrl).Add("allow_http", AllowHttp)
                .Add("timeout_ms", RequestWriter.Milliseconds(Timeout))
                .Add("connect_timeout_ms", RequestWriter.Milliseconds(ConnectTimeout))
                .Add("max_retries", MaxRetries).Add("proxy", Proxy).Add("ca_file", CaFile).Add("user_agent", UserAgent)
                .Add("max_response_bytes", MaxResponseBytes).Add("ascii_json", AsciiJson);
            if (Further != null)
            {
                foreach (KeyValuePair<string, object> member in Further) request.Add(member.Key, member.Value);
            }
            return request.ToString();
        }
    }

    /// <summary>Settings of one call alone. What is null is left to the client's settings.</summary>
    public sealed class CallOptions
    {
        /// <summary>
        /// The whole call's time: name look-up, connection, every attempt, waits between them.
        /// </summary>
        public TimeSpan? Timeout { get; set; }

        /// <summary>How often a failed attempt may be repeated.</summary>
        public int? MaxRetries { get; set; }

        /// <summary>Query parameters that this library does not know yet: texts, numbers or booleans.</summary>
        public IDictionary<string, object> ExtraQuery { get; set; }

        /// <summary>Members of the JSON body that this library does not know yet.</summary>
        public IDictionary<string, object> ExtraBody { get; set; }

        internal JsonValue ToJson()
        {
            return new RequestWriter().Add("timeout_ms", RequestWriter.Milliseconds(Timeout))
                .Add("max_retries", MaxRetries).Add("extra_query", ExtraQuery).Add("extra_body", ExtraBody).ToJson();
        }
    }

    /// <summary>What CreateWatchUrl asks for. What is null is left to the service's default.</summary>
    public sealed class WatchUrlRequest
    {
        /// <summary>Required: the visitor's short id.</summary>
        public string VisitorId { get; set; }

        /// <summary>Required: the agent who will watch.</summary>
        public WatchAgent Agent { get; set; }

        /// <summary>How the agent's page looks.</summary>
        public Branding Branding { get; set; }

        /// <summary>What the agent's notes hold at the start.</summary>
        public string InitialNotes { get; set; }

        /// <summary>Kept with the session's record: texts, numbers and booleans by name.</summary>
        public IDictionary<string, object> Metadata { get; set; }

        /// <summary>What the agent may do.</summary>
        public Permissions Permissions { get; set; }

        /// <summary>The language of the agent's page; the browser's when null.</summary>
        public string Language { get; set; }

        /// <summary>The person who views the screen, when that is not the agent.</summary>
        public Viewer Viewer { get; set; }

        /// <summary>Where the service posts the session's record when it has ended.</summary>
        public string WebhookUrl { get; set; }

        internal RequestWriter ToRequest()
        {
            return new RequestWriter().Add("visitor_id", VisitorId)
                .Add("agent", Agent == null ? null : Agent.ToJson())
                .Add("branding", Branding == null ? null : Branding.ToJson())
                .Add("initial_notes", InitialNotes).Add("metadata", Metadata)
                .Add("permissions", Permissions == null ? null : Permissions.ToJson())
                .Add("language", Language).Add("viewer", Viewer == null ? null : Viewer.ToJson())
                .Add("webhook_url", WebhookUrl);
        }
    }

    /// <summary>The agent who will watch.</summary>
    public sealed class WatchAgent
    {
        /// <summary>Makes an agent: the id in your own system, and the name.</summary>
        public WatchAgent(string id, string name = null)
        {
            Id = id;
            Name = name;
        }

        /// <summary>The agent's id in your own system.</summary>
        public string Id { get; private set; }

        /// <summary>The agent's name.</summary>
        public string Name { get; private set; }

        internal JsonValue ToJson()
        {
            return new RequestWriter().Add("id", Id).Add("name", Name).ToJson();
        }
    }

    /// <summary>The person who views the screen, when that is not the agent.</summary>
    public sealed class Viewer
    {
        /// <summary>The viewer's id in your own system.</summary>
        public string Id { get; set; }

        /// <summary>The viewer's name.</summary>
        public string Name { get; set; }

        internal JsonValue ToJson()
        {
            return new RequestWriter().Add("id", Id).Add("name", Name).ToJson();
        }
    }

    /// <summary>What is left out of the agent's page.</summary>
    public enum Naked
    {
        /// <summary>Nothing.</summary>
        No,
        /// <summary>The Upscope logo.</summary>
        Yes,
        /// <summary>The logo and the agent's controls: for a page of your own around it.</summary>
        PageOnly
    }

    /// <summary>How the agent's page looks.</summary>
    public sealed class Branding
    {
        /// <summary>What is left out of the page; the service's default is nothing.</summary>
        public Naked? Naked { get; set; }

        /// <summary>
        /// Where the browser goes when the session ends; when null, the window is closed if possible.
        /// </summary>
        public string OnEndUrl { get; set; }

        /// <summary>Where a "Retry now" link leads when there are problems; when null, there is none.</summary>
        public string RetryUrl { get; set; }

        internal JsonValue ToJson()
        {
            object naked = null;
            if (Naked != null) naked = Naked == Upscope.Naked.PageOnly ? "page_only" : (object)(Naked == Upscope.Naked.Yes);
            return new RequestWriter().Add("naked", naked).Add("on_end_url", OnEndUrl).Add("retry_url", RetryUrl).ToJson();
        }
    }

    /// <summary>What the agent may do. What is null is as the account has it.</summary>
    public sealed class Permissions
    {
        /// <summary>Redirect and reload the visitor's page.</summary>
        public bool? AllowAgentRedirect { get; set; }

        /// <summary>Use audio.</summary>
        public bool? AllowAudio { get; set; }

        /// <summary>Click on the visitor's page.</summary>
        public bool? AllowClick { get; set; }

        /// <summary>Throw confetti.</summary>
        public bool? AllowConfetti { get; set; }

        /// <summary>Use the remote console; the service's default is false.</summary>
        public bool? AllowConsole { get; set; }

        /// <summary>Draw on the visitor's page.</summary>
        public bool? AllowDraw { get; set; }

        /// <summary>Leave notes.</summary>
        public bool? AllowNotes { get; set; }

        /// <summary>Ask the visitor to share their full screen.</summary>
        public bool? AllowRequestVisitorScreen { get; set; }

        /// <summary>Scroll the visitor's page.</summary>
        public bool? AllowScroll { get; set; }

        /// <summary>Share the agent's screen with the visitor.</summary>
        public bool? AllowShowAgentScreen { get; set; }

        /// <summary>Type on the visitor's page.</summary>
        public bool? AllowType { get; set; }

        /// <summary>
        /// Hide private details of the visitor, such as the IP address; the service's default is false.
        /// </summary>
        public bool? HidePrivateDetails { get; set; }

        internal JsonValue ToJson()
        {
            return new RequestWriter()
                .Add("allow_agent_redirect", AllowAgentRedirect).Add("allow_audio", AllowAudio)
                .Add("allow_click", AllowClick).Add("allow_confetti", AllowConfetti)
                .Add("allow_console", AllowConsole).Add("allow_draw", AllowDraw)
                .Add("allow_notes", AllowNotes).Add("allow_request_visitor_screen", AllowRequestVisitorScreen)
                .Add("allow_scroll", AllowScroll).Add("allow_show_agent_screen", AllowShowAgentScreen)
                .Add("allow_type", AllowType).Add("hide_private_details", HidePrivateDetails)
                .ToJson();
        }
    }

    /// <summary>Which sessions. What is null is not asked for.</summary>
    public sealed class SessionFilter
    {
        /// <summary>Only sessions before the one with this id.</summary>
        public string BeforeId { get; set; }

        /// <summary>
        /// Only sessions after the one with this id; the LastId of one page leads to the next.
        /// </summary>
        public string AfterId { get; set; }

        /// <summary>Only sessions that are active now.</summary>
        public bool? OngoingOnly { get; set; }

        /// <summary>Only sessions whose record changed after this time.</summary>
        public DateTimeOffset? UpdatedAfter { get; set; }

        internal static RequestWriter ToRequest(SessionFilter filter)
        {
            RequestWriter request = new RequestWriter();
            return filter == null ? request : request.Add("before_id", filter.BeforeId).Add("after_id", filter.AfterId)
                .Add("ongoing_only", filter.OngoingOnly).Add("updated_after", filter.UpdatedAfter);
        }
    }

    /// <summary>Writes the JSON of a request; what is null is left out.</summary>
    internal sealed class RequestWriter
    {
        private readonly StringBuilder json = new StringBuilder("{");

        internal RequestWriter Add(string name, object value)
        {
            if (value == null) return this;
            if (json.Length > 1) json.Append(',');
            JsonWriter.Text(json, name);
            json.Append(':');
            try
            {
                JsonWriter.Write(json, value, 0);
            }
            catch (ArgumentException error)
            {
                throw InvalidArgumentException.Of(name + ": " + error.Message);
            }
            return this;
        }

        internal RequestWriter Add(CallOptions options)
        {
            return Add("options", options == null ? null : options.ToJson());
        }

        internal JsonValue ToJson()
        {
            return JsonValue.Parse(ToString());
        }

        public override string ToString()
        {
            return json.ToString() + "}";
        }

        // Rounded up: no time becomes none.
        internal static long? Milliseconds(TimeSpan? time)
        {
            return time == null ? (long?)null : (long)Math.Ceiling(time.Value.TotalMilliseconds);
        }
    }
}
