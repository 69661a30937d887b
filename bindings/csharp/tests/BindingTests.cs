using System;
using System.Collections.Generic;
using System.IO;
using System.Reflection;
using System.Runtime.Serialization.Formatters.Binary;
using System.Text;
using System.Text.RegularExpressions;
using System.Threading;
using System.Threading.Tasks;
using Upscope;

/// <summary>Tests of the binding with a sandbox. Run it with scripts/with-sandbox.</summary>
internal static class BindingTests
{
    private const string Names = "Анна Ѩ 王小明 🦊👩‍💻 \"x\" \\ \t";
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(10);
    private static int checks, failures;

    private static int Main()
    {
        Action[] tests =
        {
            JsonIsParsedStrictly, JsonIsWritten, DatesAreParsed, EveryOperationHasMethods, ResponsesAreTyped,
            UnicodeIsPreserved, ErrorsAreExceptions, ExceptionsAreSerialized, NulAndUnpairedSurrogatesAreRefused,
            WebhooksAreParsed, PagesAreIterated, TasksComplete, CancellingCancelsTheTask, PollingAndCancelling,
            CallbackRunsOnceAndNotAfterDispose, ExceptionsOfCallbacksAreIgnored, DisposingDuringCalls,
            ManyTasksOfManyThreads, LogLines, LogLinesOfOneClient, ClientLoggersAreReleased, ClosingEndsCalls,
            ConnectionInfoIsTyped, AssemblyHasAStrongName, StackTracesHaveLines, FakesReplaceTheClient,
            InterfaceHasEveryOperation, SecretsAreNotShown, AbandonedCallsAreCollected, ProgramExitsWithoutDispose
        };
        foreach (Action test in tests)
        {
            try
            {
                test();
            }
            catch (Exception error)
            {
                Check(false, test.Method.Name + ": " + error);
            }
        }
        Console.WriteLine("csharp binding: {0} checks, {1} failed", checks, failures);
        return failures == 0 && checks > 100 ? 0 : 1;
    }

    private static void Check(bool right, string what)
    {
        checks++;
        if (right) return;
        failures++;
        Console.WriteLine("FAILED: " + what);
    }

    private static void Same(object actual, object expected, string what)
    {
        Check(Equals(actual, expected), what + ": " + (actual ?? "null") + " instead of " + (expected ?? "null"));
    }

    private static T Throws<T>(Action action, string what) where T : Exception
    {
        try
        {
            action();
        }
        catch (Exception error)
        {
            T wanted = error as T;
            Check(wanted != null && wanted.GetType() == typeof(T), what + " threw " + error);
            return wanted;
        }
        Check(false, what + " threw nothing");
        return null;
    }

    private static string Variable(string name)
    {
        string value = Environment.GetEnvironmentVariable(name);
        if (value == null) throw new InvalidOperationException(name + " is not set: use scripts/with-sandbox");
        return value;
    }

    private static UpscopeClient Client(string key = "sandbox-key")
    {
        return new UpscopeClient(new UpscopeConfiguration
        {
            ApiKey = key, BaseUrl = Variable("UPSCOPE_BASE_URL"), Timeout = Timeout, MaxRetries = 0
        });
    }

    private static JsonValue Control(string method, string path, object body = null)
    {
        UpscopeConfiguration settings = new UpscopeConfiguration
        {
            ApiKey = "none", BaseUrl = Variable("UPSCOPE_SANDBOX_CONTROL")
        };
        using (UpscopeClient control = new UpscopeClient(settings)) return control.Request(method, path, body: body);
    }

    private static void Faults(string faults)
    {
        Control("POST", "/faults", JsonValue.Parse(faults));
    }

    private static Exception Failure(Task task)
    {
        try
        {
            return task.Wait(Timeout) ? null : new TimeoutException("the task did not complete");
        }
        catch (AggregateException error)
        {
            return error.InnerException;
        }
    }

    private static void JsonIsParsedStrictly()
    {
        string[] valid = { "null", " true ", "[]", "{}", "[1,-2.5e+3,0.1E-2,\"\"]", "{\"a\":{\"b\":[{}]}}", "-0", "1e9" };
        foreach (string json in valid) Same(JsonValue.Parse(json).ToJson(), json.Trim(), json);
        string[] invalid = { "", " ", "nul", "tru e", "[1,]", "[,1]", "{\"a\"}", "{\"a\":}", "{a:1}", "01", "1.", ".5", "+1",
            "1e", "-", "\"", "\"\\x\"", "\"\\u12g4\"", "\"a\nb\"", "[1 2]", "{} {}", "'a'", "[", "{\"a\":1", "NaN", "\ufeff1",
            new string('[', 300) + new string(']', 300) };
        foreach (string json in invalid) Throws<FormatException>(() => JsonValue.Parse(json), "JSON " + json);
        JsonValue value = JsonValue.Parse("{\"t\":\"a\\u00e9\\ud83e\\uDD8A\\\"\\\\\\/\\b\\f\\n\\r\\t\",\"n\":12345678901234567890," +
            "\"i\":-9007199254740993,\"f\":1.10e3,\"b\":false,\"z\":null,\"l\":[1,[2]],\"t2\":1,\"t2\":2}");
        Same(value["t"].AsString, "aé🦊\"\\/\b\f\n\r\t", "text");
        Same(value["n"].AsInt64, null, "too large");
        Same(value["n"].AsString, "12345678901234567890", "all digits");
        Same(value["i"].AsInt64, -9007199254740993L, "a 64-bit number");
        Same(value["f"].AsDouble, 1100.0, "a double");
        Same(value["f"].ToJson(), "1.10e3", "the digits");
        Same(value["b"].AsBoolean, false, "a boolean");
        Check(value["z"].IsNull && value["none"] == null && value[0] == null, "missing values");
        Same(value["l"][1][0].AsInt64, 2L, "an item");
        Same(value["t2"].AsInt64, 2L, "a duplicate name");
    }

    private static void JsonIsWritten()
    {
        Dictionary<string, object> all = new Dictionary<string, object>();
        all["t"] = "\"\\\n\u0001é🦊";
        all["n"] = new object[] { 1, -2L, 1.5, 0.1f, 10.50m, true, null, ulong.MaxValue };
        all["o"] = new Dictionary<string, object>();
        all["d"] = new DateTimeOffset(2026, 1, 31, 9, 30, 0, 500, TimeSpan.FromHours(1));
        Same(JsonValue.From(all).ToJson(), "{\"t\":\"\\\"\\\\\\u000a\\u0001é🦊\",\"n\":[1,-2,1.5,0.1,10.50,true,null," +
            "18446744073709551615],\"o\":{},\"d\":\"2026-01-31T09:30:00.5+01:00\"}", "everything");
        Throws<ArgumentException>(() => JsonValue.From(double.NaN), "NaN");
        Throws<ArgumentException>(() => JsonValue.From(new object()), "an object");
        List<object> cycle = new List<object>();
        cycle.Add(cycle);
        Throws<ArgumentException>(() => JsonValue.From(cycle), "a list that contains itself");
    }

    private static void DatesAreParsed()
    {
        DateTimeOffset utc = new DateTimeOffset(2018, 3, 16, 15, 25, 59, TimeSpan.Zero);
        string[] valid = { "2018-03-16T15:25:59Z", "2018-03-16t15:25:59.000z", "2018-03-16T16:25:59.000000000+01:00",
            "2018-03-16 10:55:59-04:30" };
        foreach (string date in valid) Same(JsonValue.From(date).AsDate, utc, date);
        Same(JsonValue.From("2018-03-16T15:25:59.123456789Z").AsDate, utc.AddTicks(1234567), "nine digits");
        Same(JsonValue.From("2016-12-31T23:59:60Z").AsDate, new DateTimeOffset(2017, 1, 1, 0, 0, 0, TimeSpan.Zero), "leap");
        string[] invalid = { "", "yesterday", "2018-03-16", "2018-03-16T15:25:59", "2018-13-16T15:25:59Z",
            "2018-02-30T15:25:59Z", "2018-03-16T25:25:59Z", "2018-03-16T15:25:59.Z", "2018-03-16T15:25:59+0100",
            "2018-03-16T15:25:59+01:60", "2018-03-16T15:25:59Zx", "0000-03-16T15:25:59Z", "2018-03-16T15:25:61Z" };
        foreach (string date in invalid) Same(JsonValue.From(date).AsDate, null, "date " + date);
    }

    /// <summary>The operations and keys of the library that the binding does not have.</summary>
    private static List<string> Missing(JsonValue operations)
    {
        List<string> missing = new List<string>();
        foreach (JsonValue operation in operations.Items)
        {
            string name = operation["name"].AsString;
            foreach (string suffix in new[] { "", "Async" })
            {
                MethodInfo method = typeof(UpscopeClient).GetMethod(Pascal(name) + suffix);
                if (method == null) missing.Add(name + suffix);
                else AddMissingKeys(operation["request"], method.GetParameters(), name + suffix, missing);
            }
        }
        return missing;
    }

    private static void AddMissingKeys(JsonValue schema, ParameterInfo[] parameters, string path, List<string> missing)
    {
        foreach (string key in schema["properties"].Names)
        {
            ParameterInfo own = Array.Find(parameters, parameter => Pascal(parameter.Name) == Pascal(key));
            Type type = own == null ? null : own.ParameterType;
            foreach (ParameterInfo parameter in parameters)
            {
                PropertyInfo within = parameter.ParameterType.GetProperty(Pascal(key));
                bool request = parameter.Name == "request" || parameter.Name == "filter";
                if (type == null && request && within != null) type = within.PropertyType;
            }
            if (type == null) missing.Add(path + "." + key);
            else AddMissingProperties(schema["properties"][key], type, path + "." + key, missing);
        }
    }

    private static void AddMissingProperties(JsonValue schema, Type type, string path, List<string> missing)
    {
        if (schema["properties"] == null) return;
        foreach (string key in schema["properties"].Names)
        {
            // Durations are of type TimeSpan.
            string name = key == "timeout_ms" ? "Timeout" : Pascal(key);
            if (type.GetProperty(name) == null) missing.Add(path + "." + key);
        }
    }

    private static string Pascal(string name)
    {
        string[] words = name.Split('_');
        for (int i = 0; i < words.Length; i++) words[i] = char.ToUpperInvariant(words[i][0]) + words[i].Substring(1);
        return string.Concat(words);
    }

    private static void EveryOperationHasMethods()
    {
        Same(string.Join(", ", Missing(UpscopeClient.Operations)), "", "missing");
        Check(UpscopeClient.Operations.Count >= 11, "operations: " + UpscopeClient.Operations.Count);
        // The check must find what a newer library has.
        string later = "[{\"name\":\"get_agent\",\"request\":{\"properties\":{}}},{\"name\":\"get_visitor\",\"request\":" +
            "{\"properties\":{\"visitor_id\":{},\"later\":{}}}},{\"name\":\"create_watch_url\",\"request\":{\"properties\":" +
            "{\"permissions\":{\"properties\":{\"allow_click\":{},\"allow_later\":{}}}}}}]";
        Same(string.Join(", ", Missing(JsonValue.Parse(later))), "get_agent, get_agentAsync, get_visitor.later, " +
            "get_visitorAsync.later, create_watch_url.permissions.allow_later, " +
            "create_watch_urlAsync.permissions.allow_later", "inserted");
        Check(Regex.IsMatch(UpscopeClient.LibraryVersion, @"^\d+\.\d+\.\d+$"), UpscopeClient.LibraryVersion);
    }

    private static void ResponsesAreTyped()
    {
        using (UpscopeClient client = Client())
        {
            Usage usage = client.GetUsage();
            Check(usage.Agents.Last30Days >= 0 && usage.Visitors.OnlineNow > 0 && usage.SessionCounts.Now != null &&
                usage.SessionSeconds.Today != null && usage.Visitors.Last24Hrs != null, usage.Json.ToJson());
            VisitorList online = client.ListVisitors("online", 3);
            Check(online.Count == 3 && online[0].IsOnline == true, online.Json.ToJson());
            Visitor visitor = client.GetVisitor(online[0].ShortId);
            Check(visitor.ShortId == online[0].ShortId && visitor.LastSeenAt > visitor.AddedAt && visitor.Tags != null &&
                visitor.LookupCode != null && visitor.Sessions != null, visitor.Json.ToJson());
            WatchUrl link = client.CreateWatchUrl(new WatchUrlRequest
            {
                VisitorId = visitor.ShortId, Agent = new WatchAgent("7", "Joe"),
                Metadata = new Dictionary<string, object> { { "ticket", 4711 }, { "vip", true } },
                Permissions = new Permissions { AllowClick = false }, Branding = new Branding { Naked = Naked.PageOnly }
            });
            Check(link.Url.StartsWith("http") && link.Expiration > DateTimeOffset.UtcNow, link.Json.ToJson());
            JsonValue sent = Last();
            Same(sent["body"].Kind == JsonKind.String ? sent["body"].AsString : sent["body"].ToJson(),
                "{\"agent\":{\"id\":\"7\",\"name\":\"Joe\"},\"branding\":{\"naked\":\"page_only\"}," +
                "\"metadata\":{\"ticket\":4711,\"vip\":true},\"permissions\":{\"allow_click\":false}}", "sent");
            OnpremiseToken token = client.AuthorizeOnpremiseSession(visitor.ShortId, new WatchAgent("7", "Joe"));
            Check(token.Authorized == true && token.Token.Length > 0, token.Json.ToJson());
            Check(client.StopSession(visitor.ShortId).Kind == JsonKind.Object, "stopped");
            Agent agent = client.LookupAgent(externalId: "ext-123");
            Check(agent.AgentIdentifier == "ext-123" && agent.Name == "Joe Smith" && agent.Sessions != null,
                agent.Json.ToJson());
            Visitor odd = new Visitor(JsonValue.Parse("{\"short_id\":12,\"is_online\":\"yes\",\"tags\":[\"a\",{}],\"x\":1}"));
            Check(odd.ShortId == "12" && odd.IsOnline == null && odd.Tags == null && odd.Name == null &&
                odd.Json["x"].AsInt64 == 1, "unreadable attributes are null");
        }
    }

    private static JsonValue Last()
    {
        JsonValue requests = Control("GET", "/requests")["requests"];
        return requests[requests.Count - 1];
    }

    private static void UnicodeIsPreserved()
    {
        Dictionary<string, object> visitor = new Dictionary<string, object> { { "short_id", "U1" }, { "name", Names } };
        visitor["tags"] = new[] { Names, "Ö" };
        Control("POST", "/visitors", visitor);
        using (UpscopeClient client = Client())
        {
            Visitor found = client.GetVisitor("U1");
            Same(found.Name, Names, "name");
            Same(found.Tags[0], Names, "tag");
            Same(JsonValue.Parse(client.Call("get_visitor", "{\"visitor_id\":\"U1\"}"))["visitor"]["name"].AsString, Names, "call");
            Same(client.GetVisitorAsync("U1").Result.Name, Names, "task");
            NotFoundException error = Throws<NotFoundException>(() => client.GetVisitor("王/🦊"), "a non-ASCII id");
            Same(error.HttpStatus, 404, "status");
            Same(Last()["path"].AsString.Substring(Last()["path"].AsString.LastIndexOf('/') + 1),
                "%E7%8E%8B%2F%F0%9F%A6%8A", "the encoded path");
        }
    }

    private static void ErrorsAreExceptions()
    {
        object[][] cases =
        {
            new object[] { 401, typeof(UnauthorizedException), UpscopeStatus.Unauthorized, "unauthorized" },
            new object[] { 402, typeof(PaymentRequiredException), UpscopeStatus.PaymentRequired, "payment_required" },
            new object[] { 404, typeof(NotFoundException), UpscopeStatus.NotFound, "not_found" },
            new object[] { 409, typeof(ConflictException), UpscopeStatus.Conflict, "conflict" },
            new object[] { 429, typeof(RateLimitedException), UpscopeStatus.RateLimited, "rate_limited" },
            new object[] { 503, typeof(ServerException), UpscopeStatus.ServerError, "server_error" },
            new object[] { 418, typeof(HttpException), UpscopeStatus.HttpError, "http_error" },
            new object[] { 200, typeof(BadResponseException), UpscopeStatus.BadResponse, "bad_response" }
        };
        using (UpscopeClient client = Client())
        {
            foreach (object[] one in cases)
            {
                Faults("[{\"status\":" + one[0] + ",\"headers\":{\"Retry-After\":\"7\"},\"body\":\"{\\\"error\\\":\\\"why\\\"}\"}]");
                try
                {
                    client.GetUsage();
                    Check(false, one[1] + " was not thrown");
                }
                catch (UpscopeException error)
                {
                    Same(error.GetType(), one[1], "type");
                    Same(error.Status, one[2], "status");
                    Same(error.Code, one[3], "code");
                    Same(error.Operation, "get_usage", "operation");
                    Same(error.HttpStatus, one[0], "HTTP status");
                    Same(error.Attempts, 1, "attempts");
                    Same(error.RetryAfter, (int)one[0] == 200 ? (TimeSpan?)null : TimeSpan.FromSeconds(7), "retry after");
                    Same(error.Retryable, (int)one[0] == 429 || (int)one[0] == 503, one[0] + ": retryable");
                    Same(error.ApiError, (int)one[0] == 200 ? null : "why", "API error");
                    Same(error is ApiException, (int)one[0] != 200, "an ApiException");
                    Check(error.Message.Length > 20 && error.Message == JsonValue.Parse(error.ToJson())["message"].AsString,
                        error.Message);
                }
            }
            string online = client.ListVisitors("online", 1)[0].ShortId;
            Faults("[{\"drop\":\"before_response\"}]");
            Check(Throws<TransportException>(() => client.CreateWatchUrl(new WatchUrlRequest
            {
                VisitorId = online, Agent = new WatchAgent("1")
            }), "a lost connection").MayHaveApplied, "transport");
            Control("POST", "/reset");
            Faults("[{\"delay_ms\":20000}]");
            CallTimeoutException timeout = Throws<CallTimeoutException>(() => client.DeleteAllVisitors(true,
                new CallOptions { Timeout = TimeSpan.FromMilliseconds(200) }), "a timeout");
            Check(timeout.MayHaveApplied && timeout.HttpStatus == null && timeout.ApiError == null, timeout.ToJson());
            Control("POST", "/reset");
            InvalidArgumentException wrong = Throws<InvalidArgumentException>(() => client.GetVisitor(null), "no id");
            Check(wrong.Message.Contains("visitor_id") && wrong.Attempts == 0, wrong.Message);
            Throws<InvalidArgumentException>(() => client.CreateWatchUrl(null), "no request");
            Throws<InvalidArgumentException>(() => client.Call("get_users"), "an unknown operation");
            Throws<InvalidArgumentException>(() => client.Call(null), "no operation");
            Check(Failure(client.GetVisitorAsync(null)) is InvalidArgumentException, "no id in a task");
        }
        Throws<InvalidArgumentException>(() => new UpscopeClient("{\"apikey\":\"x\"}"), "a misspelt key");
        UpscopeException later = FromJson(77, "{\"error\":{\"code\":\"later\",\"status\":77,\"message\":\"m\"}}");
        Check(later.GetType() == typeof(UpscopeException) && later.Code == "later" && !later.Retryable, "an unknown status");
        Check(FromJson(4, null) is NotFoundException, "no error object");
        UpscopeException made = UpscopeException.FromJson("{\"code\":\"rate_limited\",\"status\":6,\"message\":\"Slow down.\"," +
            "\"retryable\":true,\"retry_after_ms\":1500}");
        Check(made is RateLimitedException && made.Message == "Slow down." && made.Retryable && made.HttpStatus == null &&
            made.RetryAfter == TimeSpan.FromMilliseconds(1500) && made.Code == "rate_limited", made.ToString());
        Same(UpscopeException.FromJson(made.ToJson()).ToJson(), made.ToJson(), "the same exception again");
        foreach (string bad in new[] { "", "{}", "[]", "4", "{\"code\":\"x\",\"status\":\"4\"}",
            "{\"code\":\"x\",\"status\":\"four\",\"message\":\"m\"}", "{\"code\":\"x\",\"status\":4294967300,\"message\":\"m\"}" })
        {
            Throws<FormatException>(() => UpscopeException.FromJson(bad), "the exception " + bad);
        }
    }

    private static UpscopeException FromJson(int status, string json)
    {
        MethodInfo method = typeof(UpscopeException).GetMethod("FromJson", BindingFlags.NonPublic | BindingFlags.Static);
        return (UpscopeException)method.Invoke(null, new object[] { status, json });
    }

    private static void ExceptionsAreSerialized()
    {
        using (UpscopeClient client = Client())
        {
            NotFoundException error = Throws<NotFoundException>(() => client.GetVisitor("nobody"), "nobody");
            MemoryStream bytes = new MemoryStream();
            new BinaryFormatter().Serialize(bytes, error);
            bytes.Position = 0;
            NotFoundException copy = (NotFoundException)new BinaryFormatter().Deserialize(bytes);
            Check(copy.ToJson() == error.ToJson() && copy.Message == error.Message && copy.Code == "not_found", "the copy");
        }
    }

    private static void NulAndUnpairedSurrogatesAreRefused()
    {
        using (UpscopeClient client = Client())
        {
            string[] bad = { "{\"visitor_id\":\"a\0b\"}", "{\"visitor_id\":\"a\"}\0", "{\"visitor_id\":\"\ud83e\"}", "\udd8a" };
            foreach (string request in bad)
            {
                string text = request;
                Throws<InvalidArgumentException>(() => client.Call("get_visitor", text), "a request");
                Throws<InvalidArgumentException>(() => client.CallAsync("get_visitor", text), "a task");
                Throws<InvalidArgumentException>(() => client.Start("get_visitor", text), "a started call");
                Throws<InvalidArgumentException>(() => client.OpenSessions(text), "pages");
                Throws<InvalidArgumentException>(() => UpscopeClient.ParseWebhook(text), "a webhook");
            }
            Throws<InvalidArgumentException>(() => client.Call("get_usage\0x"), "an operation");
            Throws<InvalidArgumentException>(() => client.GetVisitor("\ud83e"), "half a surrogate pair");
            Throws<InvalidArgumentException>(() => UpscopeClient.ParseWebhook(Encoding.UTF8.GetBytes("{\"id\":\"a\"}\0")), "bytes");
            Throws<InvalidArgumentException>(() => UpscopeClient.ParseWebhook(new byte[] { 0x22, 0xff, 0x22 }), "invalid UTF-8");
            Throws<InvalidArgumentException>(() => new UpscopeClient("{\"api_key\":\"k\"}\0"), "a configuration");
            // In a JSON string, a NUL is a valid character. The service does not find this visitor.
            Throws<NotFoundException>(() => client.GetVisitor("a\0b"), "an id with a NUL");
        }
    }

    private static void WebhooksAreParsed()
    {
        string body = "{\"id\":\"s_1\",\"metadata\":{\"who\":\"王🦊\"},\"length_seconds\":61,\"ended_at\":\"2018-03-16T15:25:59Z\"}";
        foreach (Session session in new[] { UpscopeClient.ParseWebhook(body),
            UpscopeClient.ParseWebhook(Encoding.UTF8.GetBytes(body)) })
        {
            Check(session.Id == "s_1" && session.Metadata["who"].AsString == "王🦊" && session.LengthSeconds == 61 &&
                session.EndedAt.Value.Year == 2018 && session.Team == null && session.Json.Document == body, session.Id);
        }
        Throws<InvalidArgumentException>(() => UpscopeClient.ParseWebhook("{}"), "no session");
    }

    private static void PagesAreIterated()
    {
        Control("POST", "/reset");
        using (UpscopeClient client = Client())
        {
            List<string> ids = new List<string>();
            foreach (Session session in client.EnumerateSessions()) ids.Add(session.Id);
            Check(ids.Count > 100 && new HashSet<string>(ids).Count == ids.Count, ids.Count + " sessions");
            List<string> again = new List<string>();
            SessionPages pages = client.OpenSessions();
            for (SessionPage page = pages.NextAsync().Result; page != null; page = pages.NextAsync().Result)
            {
                Check(page.LastId == page.Sessions[page.Sessions.Count - 1].Id && page.HasMore != null, "a page");
                foreach (Session session in page) again.Add(session.Id);
            }
            Same(string.Join(",", again), string.Join(",", ids), "the same sessions with tasks");
            Check(pages.Next() == null, "still after the last page");
            pages.Dispose();
            Throws<ObjectDisposedException>(() => pages.Next(), "disposed pages");
            again.Clear();
            foreach (Session session in client.EnumerateSessions(prefetch: true)) again.Add(session.Id);
            Same(string.Join(",", again), string.Join(",", ids), "the same sessions with prefetch");
            foreach (Session session in client.EnumerateSessions(new SessionFilter { AfterId = ids[ids.Count - 3] }))
            {
                again.Add(session.Id);
            }
            Same(again.Count, ids.Count + 2, "after an id");

            pages = client.OpenSessions();
            string first = pages.Next().LastId;
            Faults("[{\"status\":500,\"body\":\"\"}]");
            Throws<ServerException>(() => pages.Next(), "a failing page");
            string second = pages.Next().LastId;
            Check(second != first && second == ids[99], "the same page again");
            pages.Dispose();
        }
        using (UpscopeClient client = Client("wrong"))
        {
            Throws<UnauthorizedException>(() => { foreach (Session one in client.EnumerateSessions()) { } }, "the first page");
        }
    }

    private static void TasksComplete()
    {
        using (UpscopeClient client = Client())
        {
            Task<Usage> usage = client.GetUsageAsync();
            Task<VisitorList> visitors = client.ListVisitorsAsync("online", maxResults: 2);
            Check(Task.WaitAll(new Task[] { usage, visitors }, Timeout), "completed");
            Check(usage.Result.Agents != null && visitors.Result.Count == 2, "the results");
            NotFoundException error = Failure(client.GetVisitorAsync("nobody")) as NotFoundException;
            Check(error != null && error.Operation == "get_visitor", "not found");
            // A continuation runs on a thread of .NET, so it can wait for other calls.
            int nested = 0;
            Task chain = client.GetUsageAsync().ContinueWith(completed => nested = client.ListVisitorsAsync().Result.Count,
                TaskContinuationOptions.ExecuteSynchronously);
            Check(chain.Wait(Timeout) && nested > 0, "a call in a continuation");
        }
    }

    private static void CancellingCancelsTheTask()
    {
        using (UpscopeClient client = Client())
        {
            Faults("[{\"delay_ms\":30000}]");
            CancellationTokenSource stop = new CancellationTokenSource();
            Task<Usage> waiting = client.GetUsageAsync(cancellationToken: stop.Token);
            Check(!waiting.Wait(300), "still waiting");
            DateTime start = DateTime.UtcNow;
            stop.Cancel();
            Exception failure = Failure(waiting);
            double took = (DateTime.UtcNow - start).TotalMilliseconds;
            Check(failure is TaskCanceledException && waiting.IsCanceled, "cancelled: " + failure);
            Check(took < 300, "cancelling took " + took + " ms");
            Control("POST", "/requests/clear");
            Check(client.GetUsageAsync(cancellationToken: stop.Token).IsCanceled, "cancelled before the start");
            Same(Control("GET", "/requests")["requests"].Count, 0, "nothing was sent");
            CancellationTokenSource after = new CancellationTokenSource();
            Task<Usage> completed = client.GetUsageAsync(cancellationToken: after.Token);
            Check(completed.Result != null, "completed");
            after.Cancel();
            Check(!completed.IsCanceled, "cancelled after completion");
            SessionPages pages = client.OpenSessions();
            Faults("[{\"delay_ms\":30000}]");
            CancellationTokenSource soon = new CancellationTokenSource();
            Task<SessionPage> page = pages.NextAsync(soon.Token);
            soon.Cancel();
            Check(Failure(page) is TaskCanceledException, "a page");
            Control("POST", "/reset");
            Check(pages.NextAsync().Result.Sessions.Count > 0, "the same page again");
            pages.Dispose();
        }
    }

    private static void PollingAndCancelling()
    {
        using (UpscopeClient client = Client())
        {
            string answer;
            Faults("[{\"delay_ms\":300}, {\"delay_ms\":30000}]");
            using (UpscopePending call = client.Start("get_usage"))
            {
                Check(!call.Poll(out answer) && answer == null, "still running");
                Check(call.Wait(Timeout, out answer) && answer.Contains("\"usage\""), "ended");
                Check(call.Poll(out answer) && answer.Contains("\"usage\""), "again");
                call.Cancel();
                Check(call.Poll(out answer), "cancelled after the end");
            }
            UpscopePending stopped = client.Start("delete_all_visitors", "{\"all\":true}");
            Check(!stopped.Wait(TimeSpan.FromMilliseconds(300), out answer), "still waiting");
            stopped.Cancel();
            CallCancelledException error = Throws<CallCancelledException>(() => stopped.Wait(Timeout, out answer), "cancel");
            Check(error.MayHaveApplied && error.Status == UpscopeStatus.Cancelled, error.ToJson());
            stopped.Dispose();
            stopped.Dispose();
            stopped.Cancel();
            Throws<ObjectDisposedException>(() => stopped.Poll(out answer), "disposed");
            Throws<InvalidArgumentException>(() => client.Start("get_visitor", "{}"), "a bad request");
        }
        Control("POST", "/reset");
    }

    private static void CallbackRunsOnceAndNotAfterDispose()
    {
        using (UpscopeClient client = Client())
        {
            int runs = 0;
            ManualResetEvent called = new ManualResetEvent(false);
            string answer = null;
            int thread = 0;
            UpscopePending one = client.Start("get_usage", null, call =>
            {
                Interlocked.Increment(ref runs);
                thread = Thread.CurrentThread.ManagedThreadId;
                call.Poll(out answer);
                // The callback can free its own call.
                call.Dispose();
                called.Set();
            });
            Check(called.WaitOne(Timeout) && answer.Contains("\"usage\"") && thread != Thread.CurrentThread.ManagedThreadId,
                "called");
            one.Dispose();
            Same(runs, 1, "number of callbacks");
            // Dispose at many moments around the end.
            int before = 0, late = 0;
            for (int i = 0; i < 300; i++)
            {
                int disposed = 0;
                UpscopePending call = client.Start("get_usage", null, ended =>
                {
                    if (Thread.VolatileRead(ref disposed) != 0) Interlocked.Increment(ref late);
                    Interlocked.Increment(ref before);
                });
                Thread.SpinWait(i * 400);
                call.Dispose();
                Thread.VolatileWrite(ref disposed, 1);
            }
            Same(late, 0, "callbacks after Dispose");
            Console.WriteLine("  {0} of 300 callbacks ran before Dispose", before);
        }
    }

    private static void ExceptionsOfCallbacksAreIgnored()
    {
        using (UpscopeClient client = Client())
        {
            ManualResetEvent called = new ManualResetEvent(false);
            UpscopePending call = client.Start("get_usage", null, ended =>
            {
                called.Set();
                throw new InvalidOperationException("thrown by a callback");
            });
            Check(called.WaitOne(Timeout), "called");
            string answer;
            Check(call.Wait(Timeout, out answer) && answer != null, "the response");
            call.Dispose();
            UpscopeClient.SetLogger((level, line) => { throw new InvalidOperationException("thrown by a logger"); });
            Check(client.GetUsage() != null, "a logger that throws");
            UpscopeClient.SetLogger(null);
        }
    }

    private static void DisposingDuringCalls()
    {
        UpscopeClient client = Client();
        Faults("[{\"delay_ms\":400},{\"delay_ms\":400},{\"delay_ms\":400}]");
        Exception failure = null;
        Thread caller = new Thread(() =>
        {
            try
            {
                client.GetUsage();
            }
            catch (Exception error)
            {
                failure = error;
            }
        });
        caller.Start();
        Task<VisitorList> task = client.ListVisitorsAsync();
        UpscopePending pending = client.Start("get_usage");
        // Wait until all three were sent.
        DateTime end = DateTime.UtcNow + Timeout;
        while (Control("GET", "/requests")["requests"].Count < 3 && DateTime.UtcNow < end) Thread.Sleep(5);
        client.Dispose();
        Check(caller.Join(Timeout) && failure == null, "the blocking call: " + failure);
        Check(Failure(task) == null && task.Result.Count > 0, "the task");
        string answer;
        Check(pending.Wait(Timeout, out answer), "the started call");
        pending.Dispose();
        Throws<ObjectDisposedException>(() => client.GetUsage(), "a later call");
        Throws<ObjectDisposedException>(() => client.GetUsageAsync(), "a later task");
        Throws<ObjectDisposedException>(() => client.OpenSessions(), "later pages");
        client.Dispose();
        Control("POST", "/reset");
    }

    private static void ManyTasksOfManyThreads()
    {
        using (UpscopeClient client = Client())
        {
            int succeeded = 0;
            List<Thread> threads = new List<Thread>();
            for (int i = 0; i < 8; i++)
            {
                Thread thread = new Thread(() =>
                {
                    Task<VisitorList>[] tasks = new Task<VisitorList>[25];
                    for (int n = 0; n < tasks.Length; n++) tasks[n] = client.ListVisitorsAsync(maxResults: 1);
                    foreach (Task<VisitorList> task in tasks)
                    {
                        if (Failure(task) == null && task.Result.Count == 1) Interlocked.Increment(ref succeeded);
                    }
                });
                threads.Add(thread);
                thread.Start();
            }
            foreach (Thread thread in threads) thread.Join();
            Same(succeeded, 200, "successful tasks");
        }
    }

    private static void LogLines()
    {
        List<string> lines = new List<string>();
        UpscopeClient.SetLogger((level, line) => { lock (lines) lines.Add(level + " " + line); });
        using (UpscopeClient client = Client())
        {
            client.GetUsage();
            int before = lines.Count;
            Check(before > 0 && lines.Exists(line => line.StartsWith("Debug") && line.Contains("GET") && line.Contains("/usage")),
                string.Join("; ", lines));
            Check(!lines.Exists(line => line.Contains("sandbox-key")), "a key in a log line");
            UpscopeClient.SetLogger(null);
            client.GetUsage();
            Same(lines.Count, before, "lines without a logger");
        }
    }

    private static void LogLinesOfOneClient()
    {
        List<string> own = new List<string>(), all = new List<string>();
        UpscopeClient.SetLogger((level, line) => { lock (all) all.Add(line); });
        using (UpscopeClient client = Client())
        using (UpscopeClient other = Client())
        {
            all.Clear();
            client.SetClientLogger((level, line) => { lock (own) own.Add(level + " " + line); });
            client.GetUsage();
            Check(client.GetVisitorAsync("nobody").ContinueWith(task => task.IsFaulted).Result, "a task");
            Check(own.Count == 2 && own[0].StartsWith("Debug") && own[0].Contains("/usage"), string.Join("; ", own));
            Same(all.Count, 0, "lines of this client elsewhere");
            other.GetUsage();
            Check(own.Count == 2 && all.Count == 1, "a line of another client: " + own.Count + " " + all.Count);

            client.SetClientLogger((level, line) => { lock (own) own.Add(level + " " + line); }, UpscopeLogLevel.Error);
            client.GetUsage();
            Same(own.Count, 2, "lines above the level");

            int thrown = 0;
            client.SetClientLogger((level, line) =>
            {
                thrown++;
                throw new InvalidOperationException("thrown by a logger");
            });
            Check(client.GetUsage() != null && client.GetUsageAsync().Result != null, "a logger that throws");
            Same(thrown, 2, "calls of the logger that throws");

            // A log function can replace itself.
            client.SetClientLogger((level, line) => client.SetClientLogger(null));
            client.GetUsage();
            Same(all.Count, 1, "the line before the removal");
            client.GetUsage();
            Same(all.Count, 2, "lines without a function of its own");
            client.SetClientLogger((level, line) => { lock (own) own.Add(line); });
            client.Dispose();
            Throws<ObjectDisposedException>(() => client.SetClientLogger(null), "a disposed client");
        }
        UpscopeClient.SetLogger(null);
    }

    // The collector must not free a log function that the library can call, nor keep clients because of it.
    private static void ClientLoggersAreReleased()
    {
        int lines = 0;
        using (UpscopeClient client = Client())
        {
            SetLoggerWithoutReference(client, () => Interlocked.Increment(ref lines));
            for (int i = 0; i < 5; i++)
            {
                GC.Collect();
                GC.WaitForPendingFinalizers();
                client.GetUsage();
            }
            Same(lines, 5, "lines after collections");

            // After Dispose, the line of a call that continues goes to the function of all clients.
            List<string> all = new List<string>();
            Faults("[{\"delay_ms\":300}]");
            UpscopeClient.SetLogger((level, line) => { lock (all) all.Add(line); });
            UpscopePending call = client.Start("get_usage");
            client.Dispose();
            string answer;
            Check(call.Wait(Timeout, out answer), "the call after Dispose");
            call.Dispose();
            UpscopeClient.SetLogger(null);
            Check(lines == 5 && all.Count == 1 && all[0].Contains("/usage"), lines + " " + string.Join("; ", all));
        }
        WeakReference[] clients = AbandonedClientsWithLoggers();
        DateTime end = DateTime.UtcNow + Timeout;
        while (DateTime.UtcNow < end && Array.Exists(clients, one => one.IsAlive))
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
            OverwriteStack(new byte[20000].Length);
            Thread.Sleep(10);
        }
        int alive = Array.FindAll(clients, one => one.IsAlive).Length;
        // A conservative collector can mistake numbers for references.
        Check(alive <= 4, alive + " of " + clients.Length + " abandoned clients were not collected");
    }

    private static void SetLoggerWithoutReference(UpscopeClient client, Action count)
    {
        client.SetClientLogger((level, line) => count());
    }

    private static WeakReference[] AbandonedClientsWithLoggers()
    {
        List<WeakReference> clients = new List<WeakReference>();
        Thread thread = new Thread(() =>
        {
            for (int i = 0; i < 20; i++)
            {
                UpscopeClient client = Client();
                // The function refers to its client.
                client.SetClientLogger((level, line) => client.ToString());
                client.GetUsage();
                clients.Add(new WeakReference(client));
            }
        });
        thread.Start();
        thread.Join();
        return clients.ToArray();
    }

    private static void ClosingEndsCalls()
    {
        Control("POST", "/reset");
        UpscopeClient client = Client();
        SessionPages pages = client.OpenSessions();
        Faults("[{\"delay_ms\":30000},{\"delay_ms\":30000},{\"delay_ms\":30000},{\"delay_ms\":30000}]");
        Exception failure = null;
        Thread caller = new Thread(() =>
        {
            try
            {
                client.GetUsage();
            }
            catch (Exception error)
            {
                failure = error;
            }
        });
        caller.Start();
        Task<VisitorList> task = client.ListVisitorsAsync();
        UpscopePending pending = client.Start("get_usage");
        Task<SessionPage> page = pages.NextAsync();
        DateTime end = DateTime.UtcNow + Timeout;
        while (Control("GET", "/requests")["requests"].Count < 4 && DateTime.UtcNow < end) Thread.Sleep(5);
        DateTime start = DateTime.UtcNow;
        client.Close();
        Check(caller.Join(Timeout) && failure is CallCancelledException, "the blocking call: " + failure);
        Exception ended = Failure(task);
        Check(ended is CallCancelledException && task.IsFaulted, "the task: " + ended);
        ended = Failure(page);
        Check(ended is CallCancelledException, "the page: " + ended);
        string answer;
        Throws<CallCancelledException>(() => pending.Wait(Timeout, out answer), "the started call");
        double took = (DateTime.UtcNow - start).TotalMilliseconds;
        Check(took < 2000, "closing took " + took + " ms");
        Throws<CallCancelledException>(() => client.GetUsage(), "a later call");
        Check(Failure(client.GetUsageAsync()) is CallCancelledException, "a later task");
        Throws<CallCancelledException>(() => client.Start("get_usage"), "a later started call");
        client.Close();
        pages.Dispose();
        pending.Dispose();
        client.Dispose();
        client.Close();
        Control("POST", "/reset");
    }

    private static void ConnectionInfoIsTyped()
    {
        UpscopeConfiguration settings = new UpscopeConfiguration
        {
            ApiKey = "planted-secret", BaseUrl = "https://desk.example/v1", Proxy = "http://user:planted@127.0.0.1:8080"
        };
        using (UpscopeClient client = new UpscopeClient(settings))
        {
            ConnectionInfo info = client.ConnectionInfo();
            Same(info.BaseUrl, "https://desk.example/v1", "base URL");
            Check(info.Proxy.Contains("127.0.0.1:8080") && info.ProxyReason.Length > 0 && info.Roots.Length > 0,
                info.Json.ToJson());
            Check(!info.Json.ToJson().Contains("planted"), "a secret");
            client.Dispose();
            Throws<ObjectDisposedException>(() => client.ConnectionInfo(), "a disposed client");
        }
        using (UpscopeClient client = Client()) Same(client.ConnectionInfo().Proxy, null, "no proxy");
    }

    private static void AssemblyHasAStrongName()
    {
        Assembly assembly = typeof(UpscopeClient).Assembly;
        byte[] token = assembly.GetName().GetPublicKeyToken();
        Same(BitConverter.ToString(token ?? new byte[0]), "73-0A-1F-27-85-AD-4E-FF", "the public key token");
        // A signed assembly must not reference one that is not signed.
        foreach (AssemblyName reference in assembly.GetReferencedAssemblies())
        {
            Check(reference.Name == "mscorlib" || reference.Name == "netstandard", "a reference to " + reference.Name);
            Check(reference.GetPublicKeyToken().Length == 8, reference.Name + " is not signed");
        }
    }

    private static void StackTracesHaveLines()
    {
        FormatException error = Throws<FormatException>(() => JsonValue.Parse("{x"), "bad JSON");
        System.Diagnostics.StackFrame frame = new System.Diagnostics.StackTrace(error, true).GetFrame(0);
        Same(frame.GetFileName(), "/_/bindings/csharp/src/JsonValue.cs", "the file");
        Check(frame.GetFileLineNumber() > 100, "line " + frame.GetFileLineNumber());
    }

    /// <summary>A fake with what one test needs.</summary>
    private sealed class FakeClient : FakeUpscopeClient
    {
        internal readonly List<string> Calls = new List<string>();

        public override Visitor GetVisitor(string visitorId, CallOptions options = null)
        {
            Calls.Add("GetVisitor " + visitorId);
            if (visitorId == "gone")
            {
                throw UpscopeException.FromJson("{\"code\":\"not_found\",\"status\":4,\"message\":\"There is no such visitor.\"}");
            }
            return new Visitor(JsonValue.Parse("{\"short_id\":\"" + visitorId + "\",\"name\":\"Ann\",\"is_online\":true}"));
        }

        public override Task<WatchUrl> CreateWatchUrlAsync(WatchUrlRequest request, CallOptions options = null,
            CancellationToken cancellationToken = default(CancellationToken))
        {
            Calls.Add("CreateWatchUrlAsync " + request.VisitorId);
            TaskCompletionSource<WatchUrl> link = new TaskCompletionSource<WatchUrl>();
            link.SetResult(new WatchUrl(JsonValue.Parse("{\"watch_url\":\"https://desk.example/1\"}")));
            return link.Task;
        }

        public override IEnumerable<Session> EnumerateSessions(SessionFilter filter = null, CallOptions options = null,
            bool prefetch = false)
        {
            yield return new Session(JsonValue.Parse("{\"id\":\"s_1\"}"));
        }
    }

    // A function of a program that uses the client.
    private static string LinkIfOnline(IUpscopeClient client, string id)
    {
        try
        {
            if (client.GetVisitor(id).IsOnline != true) return null;
            return client.CreateWatchUrlAsync(new WatchUrlRequest { VisitorId = id, Agent = new WatchAgent("7") }).Result.Url;
        }
        catch (NotFoundException)
        {
            return "unknown";
        }
    }

    private static void FakesReplaceTheClient()
    {
        using (FakeClient fake = new FakeClient())
        {
            Same(LinkIfOnline(fake, "1234"), "https://desk.example/1", "the link");
            Same(LinkIfOnline(fake, "gone"), "unknown", "the error");
            Same(string.Join(", ", fake.Calls), "GetVisitor 1234, CreateWatchUrlAsync 1234, GetVisitor gone", "calls");
            IUpscopeClient client = fake;
            foreach (Session session in client.EnumerateSessions()) Same(session.Id, "s_1", "a session");
            client.Close();
            NotImplementedException missing = Throws<NotImplementedException>(() => client.GetUsage(), "not overridden");
            Check(missing.Message.Contains("GetUsage") && missing.Message.Contains("FakeClient"), missing.Message);
            Throws<NotImplementedException>(() => client.GetUsageAsync(), "a task that is not overridden");
        }
        // The same function works with the service.
        using (UpscopeClient client = Client())
        {
            Check(LinkIfOnline(client, client.ListVisitors("online", 1)[0].ShortId).StartsWith("http"), "with the service");
        }
    }

    private static void InterfaceHasEveryOperation()
    {
        foreach (JsonValue operation in UpscopeClient.Operations.Items)
        {
            foreach (string suffix in new[] { "", "Async" })
            {
                string name = Pascal(operation["name"].AsString) + suffix;
                MethodInfo declared = typeof(IUpscopeClient).GetMethod(name);
                Check(declared != null, name + " is not in IUpscopeClient");
                if (declared == null) continue;
                Same(declared.ToString(), typeof(UpscopeClient).GetMethod(name).ToString(), name);
                MethodInfo fake = typeof(FakeUpscopeClient).GetMethod(name);
                Check(fake.IsVirtual && !fake.IsFinal && !fake.IsAbstract, name + " of the fake");
            }
        }
    }

    private static void SecretsAreNotShown()
    {
        using (UpscopeClient client = Client())
        {
            WatchUrl link = client.CreateWatchUrl(new WatchUrlRequest
            {
                VisitorId = client.ListVisitors("online", 1)[0].ShortId, Agent = new WatchAgent("1")
            });
            UpscopeConfiguration settings = new UpscopeConfiguration { ApiKey = "planted-secret" };
            string shown = link + " " + link.Json + " " + link.Json["watch_url"] + " " + settings + " " + client;
            Check(!shown.Contains(link.Url) && !shown.Contains("http") && !shown.Contains("planted"), shown);
            Exception error = Throws<FormatException>(() => JsonValue.Parse("{\"token\":\"planted-secret\" x}"), "bad JSON");
            Check(!error.ToString().Contains("planted"), error.Message);
            error = Throws<InvalidArgumentException>(() => new UpscopeClient("{\"api_key\":\"planted\\nsecret\"}"), "a bad key");
            Check(!error.ToString().Contains("planted"), error.Message);
        }
    }

    private static void AbandonedCallsAreCollected()
    {
        for (int round = 0; round < 2; round++)
        {
            WeakReference[] calls = AbandonedCalls();
            DateTime end = DateTime.UtcNow + Timeout;
            while (DateTime.UtcNow < end && Array.Exists(calls, one => one.IsAlive))
            {
                GC.Collect();
                GC.WaitForPendingFinalizers();
                // Mono also finds references in old stack frames.
                OverwriteStack(new byte[20000].Length);
                Thread.Sleep(10);
            }
            int alive = Array.FindAll(calls, one => one.IsAlive).Length;
            // A conservative collector can mistake numbers for references.
            Check(alive <= 4, alive + " of " + calls.Length + " abandoned calls were not collected");
        }
    }

    private static WeakReference[] AbandonedCalls()
    {
        List<WeakReference> calls = new List<WeakReference>();
        Thread thread = new Thread(() =>
        {
            using (UpscopeClient client = Client())
            {
                List<ManualResetEvent> ends = new List<ManualResetEvent>();
                for (int i = 0; i < 40; i++)
                {
                    ManualResetEvent ended = new ManualResetEvent(false);
                    ends.Add(ended);
                    calls.Add(new WeakReference(client.Start("get_usage", null, i % 2 == 0 ? (Action<UpscopePending>)
                        (call => ended.Set()) : null)));
                    if (i % 2 == 1) ended.Set();
                }
                foreach (ManualResetEvent ended in ends) ended.WaitOne(Timeout);
            }
        });
        thread.Start();
        thread.Join();
        return calls.ToArray();
    }

    private static void ProgramExitsWithoutDispose()
    {
        // Some threads of the library have called this program. It must not wait for them at exit.
        UpscopeClient.SetLogger((level, line) => { });
        UpscopeClient client = Client();
        client.SetClientLogger((level, line) => { });
        Check(client.GetUsageAsync().Result != null, "a task");
        string answer;
        Check(client.Start("get_usage").Wait(Timeout, out answer), "a started call");
        SessionPages pages = client.OpenSessions();
        pages.Prefetch(true);
        Check(pages.Next() != null && !Thread.CurrentThread.IsBackground, "a page");
    }

    private static int OverwriteStack(int depth)
    {
        return depth == 0 ? 0 : 1 + OverwriteStack(depth / 2);
    }
}
