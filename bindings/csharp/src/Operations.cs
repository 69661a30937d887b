using System;
using System.Collections.Generic;
using System.Threading;
using System.Threading.Tasks;

namespace Upscope
{
    // The operations, each blocking and as a task. Cancelling a token ends the call; its task is then cancelled, and
    // what a call that changes something has done by then is not known.
    public sealed partial class UpscopeClient
    {
        /// <summary>Retrieves the account's usage statistics.</summary>
        public Usage GetUsage(CallOptions options = null)
        {
            return Run(GetUsageCall(options));
        }

        /// <summary>GetUsage as a task.</summary>
        public Task<Usage> GetUsageAsync(CallOptions options = null,
            CancellationToken cancellationToken = default(CancellationToken))
        {
            return Start(GetUsageCall(options), cancellationToken);
        }

        private static Operation<Usage> GetUsageCall(CallOptions options)
        {
            return new Operation<Usage>("get_usage", new RequestWriter()
                .Add(options), answer => new Usage(answer["usage"]));
        }

        /// <summary>
        /// Searches for visitors, or lists the latest ones. search: free text, an e-mail address, online,
        /// -online, ip:1.1.1.1, id: and a unique id, a four-digit lookup code, # and a tag, or
        /// integration_id:. maxResults: 1 to 10; 1 is fastest.
        /// </summary>
        public VisitorList ListVisitors(string search = null, int? maxResults = null, CallOptions options = null)
        {
            return Run(ListVisitorsCall(search, maxResults, options));
        }

        /// <summary>ListVisitors as a task.</summary>
        public Task<VisitorList> ListVisitorsAsync(string search = null, int? maxResults = null,
            CallOptions options = null,
            CancellationToken cancellationToken = default(CancellationToken))
        {
            return Start(ListVisitorsCall(search, maxResults, options), cancellationToken);
        }

        private static Operation<VisitorList> ListVisitorsCall(string search, int? maxResults,
            CallOptions options)
        {
            return new Operation<VisitorList>("list_visitors",
                new RequestWriter().Add("search", search).Add("max_results", maxResults)
                .Add(options), answer => new VisitorList(answer));
        }

        /// <summary>Retrieves one visitor, by the short id.</summary>
        public Visitor GetVisitor(string visitorId, CallOptions options = null)
        {
            return Run(GetVisitorCall(visitorId, options));
        }

        /// <summary>GetVisitor as a task.</summary>
        public Task<Visitor> GetVisitorAsync(string visitorId, CallOptions options = null,
            CancellationToken cancellationToken = default(CancellationToken))
        {
            return Start(GetVisitorCall(visitorId, options), cancellationToken);
        }

        private static Operation<Visitor> GetVisitorCall(string visitorId, CallOptions options)
        {
            return new Operation<Visitor>("get_visitor", new RequestWriter().Add("visitor_id", visitorId)
                .Add(options), answer => new Visitor(answer["visitor"]));
        }

        /// <summary>
        /// Makes a secure link with which an agent starts a co-browsing session. Who holds it sees the
        /// screen: open it at once, and store it nowhere.
        /// </summary>
        public WatchUrl CreateWatchUrl(WatchUrlRequest request, CallOptions options = null)
        {
            return Run(CreateWatchUrlCall(request, options));
        }

        /// <summary>CreateWatchUrl as a task.</summary>
        public Task<WatchUrl> CreateWatchUrlAsync(WatchUrlRequest request, CallOptions options = null,
            CancellationToken cancellationToken = default(CancellationToken))
        {
            return Start(CreateWatchUrlCall(request, options), cancellationToken);
        }

        private static Operation<WatchUrl> CreateWatchUrlCall(WatchUrlRequest request, CallOptions options)
        {
            return new Operation<WatchUrl>("create_watch_url", (request ?? new WatchUrlRequest()).ToRequest()
                .Add(options), answer => new WatchUrl(answer));
        }

        /// <summary>
        /// Stops the visitor's active session. Gives what the service said, {} when that was nothing.
        /// </summary>
        public JsonValue StopSession(string visitorId, CallOptions options = null)
        {
            return Run(StopSessionCall(visitorId, options));
        }

        /// <summary>StopSession as a task.</summary>
        public Task<JsonValue> StopSessionAsync(string visitorId, CallOptions options = null,
            CancellationToken cancellationToken = default(CancellationToken))
        {
            return Start(StopSessionCall(visitorId, options), cancellationToken);
        }

        private static Operation<JsonValue> StopSessionCall(string visitorId, CallOptions options)
        {
            return new Operation<JsonValue>("stop_session", new RequestWriter().Add("visitor_id", visitorId)
                .Add(options), answer => answer);
        }

        /// <summary>Deletes one visitor; ConflictException when they are online.</summary>
        public JsonValue DeleteVisitor(string visitorId, CallOptions options = null)
        {
            return Run(DeleteVisitorCall(visitorId, options));
        }

        /// <summary>DeleteVisitor as a task.</summary>
        public Task<JsonValue> DeleteVisitorAsync(string visitorId, CallOptions options = null,
            CancellationToken cancellationToken = default(CancellationToken))
        {
            return Start(DeleteVisitorCall(visitorId, options), cancellationToken);
        }

        private static Operation<JsonValue> DeleteVisitorCall(string visitorId, CallOptions options)
        {
            return new Operation<JsonValue>("delete_visitor", new RequestWriter().Add("visitor_id", visitorId)
                .Add(options), answer => answer);
        }

        /// <summary>
        /// Deletes every visitor of the account who is not online. all: true, to confirm that all are meant.
        /// </summary>
        public JsonValue DeleteAllVisitors(bool all, CallOptions options = null)
        {
            return Run(DeleteAllVisitorsCall(all, options));
        }

        /// <summary>DeleteAllVisitors as a task.</summary>
        public Task<JsonValue> DeleteAllVisitorsAsync(bool all, CallOptions options = null,
            CancellationToken cancellationToken = default(CancellationToken))
        {
            return Start(DeleteAllVisitorsCall(all, options), cancellationToken);
        }

        private static Operation<JsonValue> DeleteAllVisitorsCall(bool all, CallOptions options)
        {
            return new Operation<JsonValue>("delete_all_visitors", new RequestWriter().Add("all", all)
                .Add(options), answer => answer);
        }

        /// <summary>
        /// Looks up an agent by one of: the e-mail address of a user of the account, the id that your own
        /// system gave the agent when it made a watch link.
        /// </summary>
        public Agent LookupAgent(string email = null, string externalId = null, CallOptions options = null)
        {
            return Run(LookupAgentCall(email, externalId, options));
        }

        /// <summary>LookupAgent as a task.</summary>
        public Task<Agent> LookupAgentAsync(string email = null, string externalId = null,
            CallOptions options = null,
            CancellationToken cancellationToken = default(CancellationToken))
        {
            return Start(LookupAgentCall(email, externalId, options), cancellationToken);
        }

        private static Operation<Agent> LookupAgentCall(string email, string externalId, CallOptions options)
        {
            return new Operation<Agent>("lookup_agent",
                new RequestWriter().Add("email", email).Add("external_id", externalId)
                .Add(options), answer => new Agent(answer["agent"]));
        }

        /// <summary>
        /// Lists one page of sessions, from first to last. EnumerateSessions goes through all pages.
        /// </summary>
        public SessionPage ListSessions(SessionFilter filter = null, CallOptions options = null)
        {
            return Run(ListSessionsCall(filter, options));
        }

        /// <summary>ListSessions as a task.</summary>
        public Task<SessionPage> ListSessionsAsync(SessionFilter filter = null, CallOptions options = null,
            CancellationToken cancellationToken = default(CancellationToken))
        {
            return Start(ListSessionsCall(filter, options), cancellationToken);
        }

        private static Operation<SessionPage> ListSessionsCall(SessionFilter filter, CallOptions options)
        {
            return new Operation<SessionPage>("list_sessions", SessionFilter.ToRequest(filter)
                .Add(options), answer => new SessionPage(answer));
        }

        /// <summary>
        /// Authorizes a session on an on-premise server; the agent needs a name. Treat the token as a password.
        /// </summary>
        public OnpremiseToken AuthorizeOnpremiseSession(string visitorId, WatchAgent agent,
            CallOptions options = null)
        {
            return Run(AuthorizeOnpremiseSessionCall(visitorId, agent, options));
        }

        /// <summary>AuthorizeOnpremiseSession as a task.</summary>
        public Task<OnpremiseToken> AuthorizeOnpremiseSessionAsync(string visitorId, WatchAgent agent,
            CallOptions options = null,
            CancellationToken cancellationToken = default(CancellationToken))
        {
            return Start(AuthorizeOnpremiseSessionCall(visitorId, agent, options), cancellationToken);
        }

        private static Operation<OnpremiseToken> AuthorizeOnpremiseSessionCall(string visitorId,
            WatchAgent agent, CallOptions options)
        {
            return new Operation<OnpremiseToken>("authorize_onpremise_session",
                new RequestWriter().Add("visitor_id", visitorId)
                .Add("agent", agent == null ? null : agent.ToJson())
                .Add(options), answer => new OnpremiseToken(answer));
        }

        /// <summary>
        /// Sends any request below the base URL, for what this library does not know yet. method: GET, POST,
        /// PUT, PATCH or DELETE. path: such as /usage. body: whatever JsonValue.From takes.
        /// </summary>
        public JsonValue Request(string method, string path, IDictionary<string, object> query = null,
            object body = null, CallOptions options = null)
        {
            return Run(RequestCall(method, path, query, body, options));
        }

        /// <summary>Request as a task.</summary>
        public Task<JsonValue> RequestAsync(string method, string path, IDictionary<string, object> query = null,
            object body = null, CallOptions options = null,
            CancellationToken cancellationToken = default(CancellationToken))
        {
            return Start(RequestCall(method, path, query, body, options), cancellationToken);
        }

        private static Operation<JsonValue> RequestCall(string method, string path, IDictionary<string,
            object> query,
            object body, CallOptions options)
        {
            return new Operation<JsonValue>("request",
                new RequestWriter().Add("method", method).Add("path", path).Add("query", query)
                .Add("body", body)
                .Add(options), answer => answer);
        }
    }
}
