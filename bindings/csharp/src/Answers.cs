using System;
using System.Collections;
using System.Collections.Generic;
using System.Collections.ObjectModel;

namespace Upscope
{
    /// <summary>
    /// An object of the service's. Immutable. A property that the service left out, or sent in another type,
    /// is null; Json has all that came, also what is not known here.
    /// </summary>
    public abstract class ApiObject
    {
        private readonly JsonValue json;

        internal ApiObject(JsonValue json)
        {
            if (json == null) throw new ArgumentNullException("json");
            this.json = json;
        }

        /// <summary>The object as it came. Json.Document is the whole answer.</summary>
        public JsonValue Json
        {
            get { return json; }
        }

        /// <summary>Tells the type and no content, which may be a watch link or a token.</summary>
        public override string ToString()
        {
            return GetType().Name;
        }

        internal string Text(string name)
        {
            return json[name] == null ? null : json[name].AsString;
        }

        internal long? Integer(string name)
        {
            return json[name] == null ? null : json[name].AsInt64;
        }

        internal bool? Flag(string name)
        {
            return json[name] == null ? null : json[name].AsBoolean;
        }

        internal DateTimeOffset? Date(string name)
        {
            return json[name] == null ? null : json[name].AsDate;
        }

        internal JsonValue Member(string name)
        {
            return json[name] != null && json[name].Kind == JsonKind.Object ? json[name] : null;
        }

        internal IList<string> Texts(string name)
        {
            if (json[name] == null || json[name].Kind != JsonKind.Array) return null;
            List<string> texts = new List<string>();
            foreach (JsonValue item in json[name].Items)
            {
                // One that is no text makes the list something else than it was meant to be.
                if (item.AsString == null) return null;
                texts.Add(item.AsString);
            }
            return texts.AsReadOnly();
        }

        /// <summary>The objects of a list; what else is in it does not spoil them.</summary>
        internal static IList<T> Objects<T>(JsonValue list, Func<JsonValue, T> make)
        {
            if (list == null || list.Kind != JsonKind.Array) return null;
            List<T> objects = new List<T>();
            foreach (JsonValue item in list.Items)
            {
                if (item.Kind == JsonKind.Object) objects.Add(make(item));
            }
            return objects.AsReadOnly();
        }
    }

    /// <summary>The account's usage statistics.</summary>
    public sealed class Usage : ApiObject
    {
        /// <summary>Reads such an object from JSON: for tests, and for what was kept.</summary>
        public Usage(JsonValue json) : base(json) { }

        /// <summary>Agents.</summary>
        public AgentUsage Agents
        {
            get { return Member("agents") == null ? null : new AgentUsage(Member("agents")); }
        }

        /// <summary>Numbers of sessions.</summary>
        public SessionCountUsage SessionCounts
        {
            get { return Member("session_counts") == null ? null : new SessionCountUsage(Member("session_counts")); }
        }

        /// <summary>Seconds in sessions.</summary>
        public SessionSecondsUsage SessionSeconds
        {
            get { return Member("session_seconds") == null ? null : new SessionSecondsUsage(Member("session_seconds")); }
        }

        /// <summary>Visitors.</summary>
        public VisitorUsage Visitors
        {
            get { return Member("visitors") == null ? null : new VisitorUsage(Member("visitors")); }
        }
    }

    /// <summary>How many agents used Upscope.</summary>
    public sealed class AgentUsage : ApiObject
    {
        /// <summary>Reads such an object from JSON: for tests, and for what was kept.</summary>
        public AgentUsage(JsonValue json) : base(json) { }

        /// <summary>In the last 30 days.</summary>
        public long? Last30Days
        {
            get { return Integer("last_30_days"); }
        }

        /// <summary>In the last 24 hours.</summary>
        public long? Today
        {
            get { return Integer("today"); }
        }
    }

    /// <summary>How many sessions there were.</summary>
    public sealed class SessionCountUsage : ApiObject
    {
        /// <summary>Reads such an object from JSON: for tests, and for what was kept.</summary>
        public SessionCountUsage(JsonValue json) : base(json) { }

        /// <summary>In the last 30 days.</summary>
        public long? Last30Days
        {
            get { return Integer("last_30_days"); }
        }

        /// <summary>Ongoing.</summary>
        public long? Now
        {
            get { return Integer("now"); }
        }

        /// <summary>In the last 24 hours.</summary>
        public long? Today
        {
            get { return Integer("today"); }
        }
    }

    /// <summary>How many seconds sessions lasted.</summary>
    public sealed class SessionSecondsUsage : ApiObject
    {
        /// <summary>Reads such an object from JSON: for tests, and for what was kept.</summary>
        public SessionSecondsUsage(JsonValue json) : base(json) { }

        /// <summary>In the last 30 days.</summary>
        public long? Last30Days
        {
            get { return Integer("last_30_days"); }
        }

        /// <summary>In the last 24 hours.</summary>
        public long? Today
        {
            get { return Integer("today"); }
        }
    }

    /// <summary>How many visitors there were.</summary>
    public sealed class VisitorUsage : ApiObject
    {
        /// <summary>Reads such an object from JSON: for tests, and for what was kept.</summary>
        public VisitorUsage(JsonValue json) : base(json) { }

        /// <summary>In the last 24 hours.</summary>
        public long? Last24Hrs
        {
            get { return Integer("last_24_hrs"); }
        }

        /// <summary>Online.</summary>
        public long? OnlineNow
        {
            get { return Integer("online_now"); }
        }
    }

    /// <summary>A person on the customer's web page.</summary>
    public sealed class Visitor : ApiObject
    {
        /// <summary>Reads such an object from JSON: for tests, and for what was kept.</summary>
        public Visitor(JsonValue json) : base(json) { }

        internal static Visitor Of(JsonValue json)
        {
            return new Visitor(json);
        }

        /// <summary>The id by which the API knows the visitor.</summary>
        public string ShortId
        {
            get { return Text("short_id"); }
        }

        /// <summary>The id that the customer's page gave the visitor.</summary>
        public string UniqueId
        {
            get { return Text("unique_id"); }
        }

        /// <summary>Four digits the visitor can read out; kept as text, as it may start with 0.</summary>
        public string LookupCode
        {
            get { return Text("lookup_code"); }
        }

        /// <summary>Names and addresses the customer's page gave.</summary>
        public IList<string> Identities
        {
            get { return Texts("identities"); }
        }

        /// <summary>Tags the customer's page gave.</summary>
        public IList<string> Tags
        {
            get { return Texts("tags"); }
        }

        /// <summary>E-mail address.</summary>
        public string Email
        {
            get { return Text("email"); }
        }

        /// <summary>Name.</summary>
        public string Name
        {
            get { return Text("name"); }
        }

        /// <summary>Name given by an agent.</summary>
        public string Nickname
        {
            get { return Text("nickname"); }
        }

        /// <summary>When the visitor was first seen.</summary>
        public DateTimeOffset? AddedAt
        {
            get { return Date("added_at"); }
        }

        /// <summary>The older name of AddedAt.</summary>
        public DateTimeOffset? FirstSeenAt
        {
            get { return Date("first_seen_at"); }
        }

        /// <summary>When the visitor was last seen.</summary>
        public DateTimeOffset? LastSeenAt
        {
            get { return Date("last_seen_at"); }
        }

        /// <summary>The public key of the page, which is not the secret key of the REST API.</summary>
        public string ApiKey
        {
            get { return Text("api_key"); }
        }

        /// <summary>Browser.</summary>
        public string BrowserName
        {
            get { return Text("browser_name"); }
        }

        /// <summary>Device.</summary>
        public string DeviceName
        {
            get { return Text("device_name"); }
        }

        /// <summary>desktop, mobile, tablet and others; the set is open.</summary>
        public string DeviceType
        {
            get { return Text("device_type"); }
        }

        /// <summary>Name for calls.</summary>
        public string CallName
        {
            get { return Text("call_name"); }
        }

        /// <summary>Integration through which the visitor came.</summary>
        public string Integration
        {
            get { return Text("integration"); }
        }

        /// <summary>Page the visitor was last on.</summary>
        public string LastUrl
        {
            get { return Text("last_url"); }
        }

        /// <summary>IP address.</summary>
        public string IpAddress
        {
            get { return Text("ip_address"); }
        }

        /// <summary>Whether the visitor is online.</summary>
        public bool? IsOnline
        {
            get { return Flag("is_online"); }
        }

        /// <summary>Whether the visitor is in a session.</summary>
        public bool? IsInSession
        {
            get { return Flag("is_in_session"); }
        }

        /// <summary>Whether the visitor's browser can be watched.</summary>
        public bool? IsSupported
        {
            get { return Flag("is_supported"); }
        }

        /// <summary>Whether the visitor waits for a call.</summary>
        public bool? IsWaitingForCall
        {
            get { return Flag("is_waiting_for_call"); }
        }

        /// <summary>Whether the page configured Upscope by JavaScript.</summary>
        public bool? JsConfiguration
        {
            get { return Flag("js_configuration"); }
        }

        /// <summary>City.</summary>
        public string LocationCity
        {
            get { return Text("location_city"); }
        }

        /// <summary>Country, such as US.</summary>
        public string LocationCountry
        {
            get { return Text("location_country"); }
        }

        /// <summary>Country's name.</summary>
        public string LocationCountryName
        {
            get { return Text("location_country_name"); }
        }

        /// <summary>Link for agents who log in.</summary>
        public string WatchLink
        {
            get { return Text("watch_link"); }
        }

        /// <summary>The last 50 sessions.</summary>
        public IList<Session> Sessions
        {
            get { return Objects(Json["sessions"], Session.Of); }
        }
    }

    /// <summary>A co-browsing session.</summary>
    public sealed class Session : ApiObject
    {
        /// <summary>Reads such an object from JSON: for tests, and for what was kept.</summary>
        public Session(JsonValue json) : base(json) { }

        internal static Session Of(JsonValue json)
        {
            return new Session(json);
        }

        /// <summary>Id, such as s_123; older servers sent a number.</summary>
        public string Id
        {
            get { return Text("id"); }
        }

        /// <summary>The visitor's short id.</summary>
        public string VisitorId
        {
            get { return Text("visitor_id"); }
        }

        /// <summary>When it started.</summary>
        public DateTimeOffset? StartedAt
        {
            get { return Date("started_at"); }
        }

        /// <summary>When it ended; null while it runs.</summary>
        public DateTimeOffset? EndedAt
        {
            get { return Date("ended_at"); }
        }

        /// <summary>Length in seconds.</summary>
        public long? LengthSeconds
        {
            get { return Integer("length_seconds"); }
        }

        /// <summary>Length of the call in seconds.</summary>
        public long? CallLengthSeconds
        {
            get { return Integer("call_length_seconds"); }
        }

        /// <summary>Length for people, such as 1 minute.</summary>
        public string FormattedLength
        {
            get { return Text("formatted_length"); }
        }

        /// <summary>Length of the call for people.</summary>
        public string FormattedCallLength
        {
            get { return Text("formatted_call_length"); }
        }

        /// <summary>Whether the agent saw the screen.</summary>
        public bool? WentLive
        {
            get { return Flag("went_live"); }
        }

        /// <summary>What the agent used.</summary>
        public IList<string> FeaturesUsed
        {
            get { return Texts("features_used"); }
        }

        /// <summary>The agents who took part.</summary>
        public IList<Agent> Agents
        {
            get { return Objects(Json["agents"], Agent.Of); }
        }

        /// <summary>The account's team.</summary>
        public Team Team
        {
            get { return Member("team") == null ? null : new Team(Member("team")); }
        }

        /// <summary>What the watch link was given as metadata: an object.</summary>
        public JsonValue Metadata
        {
            get { return Member("metadata"); }
        }
    }

    /// <summary>A team of the account.</summary>
    public sealed class Team : ApiObject
    {
        /// <summary>Reads such an object from JSON: for tests, and for what was kept.</summary>
        public Team(JsonValue json) : base(json) { }

        /// <summary>Id.</summary>
        public string Id
        {
            get { return Text("id"); }
        }

        /// <summary>Domain.</summary>
        public string Domain
        {
            get { return Text("domain"); }
        }
    }

    /// <summary>A person who watches.</summary>
    public sealed class Agent : ApiObject
    {
        /// <summary>Reads such an object from JSON: for tests, and for what was kept.</summary>
        public Agent(JsonValue json) : base(json) { }

        internal static Agent Of(JsonValue json)
        {
            return new Agent(json);
        }

        /// <summary>Id, such as u_1234; older servers sent a number.</summary>
        public string Id
        {
            get { return Text("id"); }
        }

        /// <summary>Name.</summary>
        public string Name
        {
            get { return Text("name"); }
        }

        /// <summary>Id in the customer's own system.</summary>
        public string AgentIdentifier
        {
            get { return Text("agent_identifier"); }
        }

        /// <summary>E-mail address.</summary>
        public string Email
        {
            get { return Text("email"); }
        }

        /// <summary>The last 10 sessions, in the answer of a look-up.</summary>
        public IList<Session> Sessions
        {
            get { return Objects(Json["sessions"], Session.Of); }
        }
    }

    /// <summary>
    /// A secure watch link: who holds it sees the screen. Open it at once, and store it nowhere.
    /// </summary>
    public sealed class WatchUrl : ApiObject
    {
        /// <summary>Reads such an object from JSON: for tests, and for what was kept.</summary>
        public WatchUrl(JsonValue json) : base(json) { }

        /// <summary>The link.</summary>
        public string Url
        {
            get { return Text("watch_url"); }
        }

        /// <summary>When it stops to work.</summary>
        public DateTimeOffset? Expiration
        {
            get { return Date("expiration"); }
        }
    }

    /// <summary>
    /// Whether a session on an on-premise server is authorized, and the token for that server.
    /// </summary>
    public sealed class OnpremiseToken : ApiObject
    {
        /// <summary>Reads such an object from JSON: for tests, and for what was kept.</summary>
        public OnpremiseToken(JsonValue json) : base(json) { }

        /// <summary>Whether it is.</summary>
        public bool? Authorized
        {
            get { return Flag("authorized"); }
        }

        /// <summary>What the on-premise server is given; treat it as a password.</summary>
        public string Token
        {
            get { return Text("token"); }
        }
    }

    /// <summary>Visitors, in the order of the service.</summary>
    public sealed class VisitorList : ReadOnlyCollection<Visitor>
    {
        private readonly JsonValue json;

        /// <summary>Reads visitors from an answer's JSON: {"visitors": [...]}.</summary>
        public VisitorList(JsonValue answer)
            : base(ApiObject.Objects(answer["visitors"], Visitor.Of) ?? new Visitor[0])
        {
            json = answer;
        }

        /// <summary>The answer as it came.</summary>
        public JsonValue Json
        {
            get { return json; }
        }
    }

    /// <summary>One page of sessions, from first to last.</summary>
    public sealed class SessionPage : ApiObject, IEnumerable<Session>
    {
        private readonly IList<Session> sessions;

        /// <summary>Reads such an object from JSON: for tests, and for what was kept.</summary>
        public SessionPage(JsonValue json) : base(json)
        {
            sessions = Objects(json["cobrowsing_sessions"], Session.Of) ?? new Session[0];
        }

        /// <summary>The sessions.</summary>
        public IList<Session> Sessions
        {
            get { return sessions; }
        }

        /// <summary>Whether there are more.</summary>
        public bool? HasMore
        {
            get { return Flag("has_more"); }
        }

        /// <summary>The id to go on after.</summary>
        public string LastId
        {
            get { return Text("last_id"); }
        }

        /// <summary>The sessions, one by one.</summary>
        public IEnumerator<Session> GetEnumerator()
        {
            return sessions.GetEnumerator();
        }

        IEnumerator IEnumerable.GetEnumerator()
        {
            return GetEnumerator();
        }
    }
}
