using System;
using System.Collections.Generic;
using System.IO;
using System.Text;
using Upscope;

/// <summary>
/// Carries out the conformance vectors (tests/vectors/README.md): lines "operation TAB configuration TAB request" in,
/// "status TAB text" out. By the typed methods wherever a request fits them; with --async, as tasks.
/// </summary>
internal static class ConformanceExecutor
{
    private static bool asTasks;
    private static int typed, plain;

    private static int Main(string[] arguments)
    {
        asTasks = Array.IndexOf(arguments, "--async") >= 0;
        Encoding utf8 = new UTF8Encoding(false, true);
        StreamReader input = new StreamReader(Console.OpenStandardInput(), utf8);
        StreamWriter output = new StreamWriter(Console.OpenStandardOutput(), utf8) { NewLine = "\n" };
        for (string line = input.ReadLine(); line != null; line = input.ReadLine())
        {
            string[] parts = line.Split(new[] { '\t' }, 3);
            int status;
            string text = CarriedOut(parts[0], parts[1], parts[2], out status);
            output.WriteLine(status + "\t" + text.Replace("\\", "\\\\").Replace("\n", "\\n").Replace("\r", "\\r")
                .Replace("\t", "\\t"));
            output.Flush();
        }
        Console.Error.WriteLine("typed calls: {0}, calls with JSON text: {1}", typed, plain);
        // Were nothing typed, the vectors would not have tested what people use.
        return typed > plain ? 0 : 1;
    }

    private static string CarriedOut(string operation, string configuration, string request, out int status)
    {
        try
        {
            status = 0;
            if (operation == "@parse_webhook") return UpscopeClient.ParseWebhook(request).Json.Document;
            using (UpscopeClient client = new UpscopeClient(Settings(JsonValue.Parse(configuration))))
            {
                if (operation == "@pages")
                {
                    string pages = Pages(client, request);
                    status = (int)UpscopeStatus.Done;
                    return pages;
                }
                string answer = Typed(client, operation, request);
                if (answer != null) typed++;
                else plain++;
                if (answer != null) return answer;
                return asTasks ? Result(client.CallAsync(operation, request)) : client.Call(operation, request);
            }
        }
        catch (UpscopeException error)
        {
            status = (int)error.Status;
            return "{\"error\":" + error.ToJson() + "}";
        }
    }

    private static T Result<T>(System.Threading.Tasks.Task<T> task)
    {
        try
        {
            return task.Result;
        }
        catch (AggregateException error)
        {
            UpscopeException cause = error.InnerException as UpscopeException;
            if (cause == null) throw;
            throw cause;
        }
    }

    private static UpscopeConfiguration Settings(JsonValue given)
    {
        UpscopeConfiguration settings = new UpscopeConfiguration();
        foreach (string name in given.Names)
        {
            JsonValue value = given[name];
            switch (name)
            {
                case "api_key": settings.ApiKey = value.AsString; break;
                case "base_url": settings.BaseUrl = value.AsString; break;
                case "proxy": settings.Proxy = value.AsString; break;
                case "max_retries": settings.MaxRetries = (int)value.AsInt64.Value; break;
                case "timeout_ms": settings.Timeout = TimeSpan.FromMilliseconds(value.AsInt64.Value); break;
                case "max_response_bytes": settings.MaxResponseBytes = value.AsInt64; break;
                case "ascii_json": settings.AsciiJson = value.AsBoolean; break;
                default:
                    if (settings.Further == null) settings.Further = new Dictionary<string, object>();
                    settings.Further[name] = value;
                    break;
            }
        }
        return settings;
    }

    private static string Pages(UpscopeClient client, string request)
    {
        JsonValue given = Read(request);
        Fitting fitting = new Fitting(given);
        SessionFilter filter = Filter(fitting);
        StringBuilder pages = new StringBuilder();
        using (SessionPages walk = fitting.Fits ? client.OpenSessions(filter) : client.OpenSessions(request))
        {
            for (; ; )
            {
                SessionPage page = asTasks ? Result(walk.NextAsync()) : walk.Next();
                if (page == null) return "[" + pages + "]";
                if (pages.Length > 0) pages.Append(',');
                pages.Append(page.Json.Document);
            }
        }
    }

    /// <summary>The answer by the typed method; null when the request does not fit it.</summary>
    private static string Typed(UpscopeClient client, string operation, string request)
    {
        Fitting fitting = new Fitting(Read(request));
        CallOptions options = Options(fitting);
        switch (operation)
        {
            case "get_usage":
                if (!fitting.Fits) return null;
                return (asTasks ? Result(client.GetUsageAsync(options)) : client.GetUsage(options)).Json.Document;
            case "list_visitors":
                string search = fitting.Text("search");
                int? maxResults = (int?)fitting.Integer("max_results");
                if (!fitting.Fits) return null;
                return (asTasks ? Result(client.ListVisitorsAsync(search, maxResults, options))
                    : client.ListVisitors(search, maxResults, options)).Json.Document;
            case "get_visitor":
                string visitor = fitting.Text("visitor_id");
                if (!fitting.Fits) return null;
                return (asTasks ? Result(client.GetVisitorAsync(visitor, options)) : client.GetVisitor(visitor, options))
                    .Json.Document;
            case "create_watch_url":
                WatchUrlRequest watch = Watch(fitting);
                if (!fitting.Fits) return null;
                return (asTasks ? Result(client.CreateWatchUrlAsync(watch, options)) : client.CreateWatchUrl(watch, options))
                    .Json.Document;
            case "stop_session":
                visitor = fitting.Text("visitor_id");
                if (!fitting.Fits) return null;
                return (asTasks ? Result(client.StopSessionAsync(visitor, options)) : client.StopSession(visitor, options))
                    .Document;
            case "delete_visitor":
                visitor = fitting.Text("visitor_id");
                if (!fitting.Fits) return null;
                return (asTasks ? Result(client.DeleteVisitorAsync(visitor, options))
                    : client.DeleteVisitor(visitor, options)).Document;
            case "delete_all_visitors":
                bool? all = fitting.Flag("all");
                if (!fitting.Fits || all == null) return null;
                return (asTasks ? Result(client.DeleteAllVisitorsAsync(all.Value, options))
                    : client.DeleteAllVisitors(all.Value, options)).Document;
            case "lookup_agent":
                string email = fitting.Text("email"), externalId = fitting.Text("external_id");
                if (!fitting.Fits) return null;
                return (asTasks ? Result(client.LookupAgentAsync(email, externalId, options))
                    : client.LookupAgent(email, externalId, options)).Json.Document;
            case "list_sessions":
                SessionFilter filter = Filter(fitting);
                if (!fitting.Fits) return null;
                return (asTasks ? Result(client.ListSessionsAsync(filter, options)) : client.ListSessions(filter, options))
                    .Json.Document;
            case "authorize_onpremise_session":
                visitor = fitting.Text("visitor_id");
                WatchAgent agent = Agent(fitting);
                if (!fitting.Fits) return null;
                return (asTasks ? Result(client.AuthorizeOnpremiseSessionAsync(visitor, agent, options))
                    : client.AuthorizeOnpremiseSession(visitor, agent, options)).Json.Document;
            case "request":
                string method = fitting.Text("method"), path = fitting.Text("path");
                IDictionary<string, object> query = fitting.Flat("query");
                JsonValue body = fitting.Any("body");
                if (!fitting.Fits) return null;
                return (asTasks ? Result(client.RequestAsync(method, path, query, body, options))
                    : client.Request(method, path, query, body, options)).Document;
            // A later operation: its request goes as text.
            default: return null;
        }
    }

    private static CallOptions Options(Fitting request)
    {
        Fitting options = request.Object("options");
        if (options == null) return null;
        long? timeout = options.Integer("timeout_ms");
        return new CallOptions
        {
            Timeout = timeout == null ? (TimeSpan?)null : TimeSpan.FromMilliseconds(timeout.Value),
            MaxRetries = (int?)options.Integer("max_retries"),
            ExtraQuery = options.Flat("extra_query"),
            ExtraBody = options.Flat("extra_body")
        };
    }

    private static SessionFilter Filter(Fitting request)
    {
        return new SessionFilter
        {
            BeforeId = request.Text("before_id"), AfterId = request.Text("after_id"),
            OngoingOnly = request.Flag("ongoing_only"), UpdatedAfter = request.Date("updated_after")
        };
    }

    private static WatchAgent Agent(Fitting request)
    {
        Fitting agent = request.Object("agent");
        return agent == null ? null : new WatchAgent(agent.Text("id"), agent.Text("name"));
    }

    private static WatchUrlRequest Watch(Fitting request)
    {
        WatchUrlRequest watch = new WatchUrlRequest
        {
            VisitorId = request.Text("visitor_id"), Agent = Agent(request), InitialNotes = request.Text("initial_notes"),
            Metadata = request.Flat("metadata"), Language = request.Text("language"),
            WebhookUrl = request.Text("webhook_url")
        };
        Fitting branding = request.Object("branding"), viewer = request.Object("viewer");
        Fitting permissions = request.Object("permissions");
        if (branding != null)
        {
            watch.Branding = new Branding
            {
                Naked = branding.NakedPage(), OnEndUrl = branding.Text("on_end_url"), RetryUrl = branding.Text("retry_url")
            };
        }
        if (viewer != null) watch.Viewer = new Viewer { Id = viewer.Text("id"), Name = viewer.Text("name") };
        if (permissions != null)
        {
            watch.Permissions = new Permissions
            {
                AllowAgentRedirect = permissions.Flag("allow_agent_redirect"),
                AllowAudio = permissions.Flag("allow_audio"), AllowClick = permissions.Flag("allow_click"),
                AllowConfetti = permissions.Flag("allow_confetti"), AllowConsole = permissions.Flag("allow_console"),
                AllowDraw = permissions.Flag("allow_draw"), AllowNotes = permissions.Flag("allow_notes"),
                AllowRequestVisitorScreen = permissions.Flag("allow_request_visitor_screen"),
                AllowScroll = permissions.Flag("allow_scroll"),
                AllowShowAgentScreen = permissions.Flag("allow_show_agent_screen"),
                AllowType = permissions.Flag("allow_type"),
                HidePrivateDetails = permissions.Flag("hide_private_details")
            };
        }
        return watch;
    }

    private static JsonValue Read(string request)
    {
        try
        {
            return JsonValue.Parse(request);
        }
        catch (FormatException)
        {
            return null;
        }
    }

    /// <summary>Takes a request's members one by one, and knows whether all were of the kind that was asked for.</summary>
    private sealed class Fitting
    {
        private readonly JsonValue given;
        private readonly List<string> asked = new List<string>();
        private readonly List<Fitting> parts = new List<Fitting>();
        private bool wrong;

        internal Fitting(JsonValue given)
        {
            this.given = given;
            wrong = given == null || given.Kind != JsonKind.Object;
        }

        internal bool Fits
        {
            get
            {
                if (wrong) return false;
                foreach (string name in given.Names)
                {
                    if (!asked.Contains(name)) return false;
                    // A name that comes twice counts once in an object of this language.
                    if (new List<string>(given.Names).FindAll(other => other == name).Count > 1) return false;
                }
                return parts.TrueForAll(part => part.Fits);
            }
        }

        internal JsonValue Any(string name)
        {
            asked.Add(name);
            JsonValue value = given == null ? null : given[name];
            return value == null || value.IsNull ? null : value;
        }

        private T Kind<T>(string name, JsonKind kind, Func<JsonValue, T> read)
        {
            JsonValue value = Any(name);
            if (value == null) return default(T);
            if (value.Kind == kind && read(value) != null) return read(value);
            wrong = true;
            return default(T);
        }

        internal string Text(string name)
        {
            return Kind(name, JsonKind.String, value => value.AsString);
        }

        internal bool? Flag(string name)
        {
            return Kind(name, JsonKind.Boolean, value => value.AsBoolean);
        }

        internal long? Integer(string name)
        {
            return Kind(name, JsonKind.Number, value => value.AsInt64);
        }

        internal DateTimeOffset? Date(string name)
        {
            return Kind(name, JsonKind.String, value => value.AsDate);
        }

        internal Naked? NakedPage()
        {
            JsonValue value = Any("naked");
            if (value == null) return null;
            if (value.AsBoolean != null) return value.AsBoolean.Value ? Naked.Yes : Naked.No;
            wrong = wrong || value.AsString != "page_only";
            return Naked.PageOnly;
        }

        internal Fitting Object(string name)
        {
            JsonValue value = Any(name);
            if (value == null) return null;
            Fitting part = new Fitting(value);
            parts.Add(part);
            return part;
        }

        internal IDictionary<string, object> Flat(string name)
        {
            JsonValue value = Kind(name, JsonKind.Object, found => found);
            if (value == null) return null;
            Dictionary<string, object> members = new Dictionary<string, object>();
            foreach (string member in value.Names) members[member] = value[member];
            return members;
        }
    }
}
