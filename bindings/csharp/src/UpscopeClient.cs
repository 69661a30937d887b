using System;
using System.Collections.Generic;
using System.Threading;
using System.Threading.Tasks;

namespace Upscope
{
    /// <summary>
    /// A client of the Upscope co-browsing REST API. Make one and keep it: it holds the connections, and any
    /// number of threads may use it at once. Calls end within their Timeout, or throw an UpscopeException.
    /// Calls that run while it is disposed end as if it were not; later ones throw an
    /// ObjectDisposedException.
    /// </summary>
    public sealed partial class UpscopeClient : IDisposable
    {
        // Static, so that none is collected while the library may call it.
        private static readonly Native.Log OnLog = Logged;
        private static volatile Action<UpscopeLogLevel, string> logger;
        private static int watchesEnd;

        private readonly Native.ClientHandle handle;

        /// <summary>Makes a client. The key comes from the environment variable UPSCOPE_API_KEY.</summary>
        public UpscopeClient() : this((UpscopeConfiguration)null) { }

        /// <summary>Makes a client. Nothing is sent. InvalidArgumentException: a setting is wrong.</summary>
        public UpscopeClient(UpscopeConfiguration configuration)
            : this(configuration == null ? "{}" : configuration.ToRequest()) { }

        /// <summary>Makes a client from settings as the C library takes them: {"api_key": ...}.</summary>
        public UpscopeClient(string configurationJson)
        {
            Native.Find();
            IntPtr error;
            byte[] json = Native.Utf8(configurationJson, "the configuration");
            int status;
            try
            {
                status = Native.upscope_client_new(json, out handle, out error);
            }
            finally
            {
                // It holds the key.
                if (json != null) Array.Clear(json, 0, json.Length);
            }
            string text = Native.Take(error);
            if (status != (int)UpscopeStatus.Ok) throw UpscopeException.Of(status, text);
        }

        /// <summary>The version of the C library.</summary>
        public static string LibraryVersion
        {
            get { return Native.Version(); }
        }

        /// <summary>All operations, with the JSON Schema of their requests.</summary>
        public static JsonValue Operations
        {
            get { return JsonValue.Parse(Native.Operations()); }
        }

        /// <summary>
        /// Reads the body of the service's POST to a webhook URL: the session that has ended. Only its id is
        /// sure; the service documents no signature, so whoever knows the URL can post to it.
        /// </summary>
        public static Session ParseWebhook(string body)
        {
            if (body == null) throw new ArgumentNullException("body");
            return ReadWebhook(Native.Utf8(body, "the webhook's body"));
        }

        /// <summary>The same for the body's bytes, as they came.</summary>
        public static Session ParseWebhook(byte[] body)
        {
            if (body == null) throw new ArgumentNullException("body");
            return ReadWebhook(Native.Terminated(body, "the webhook's body"));
        }

        private static Session ReadWebhook(byte[] body)
        {
            Native.Find();
            IntPtr text;
            int status = Native.upscope_parse_webhook(body, out text);
            return new Session(JsonValue.Parse(Answer(status, Native.Take(text))));
        }

        /// <summary>
        /// Sends the library's log lines, of all clients, to a function; null turns them off, as at the
        /// start. Each attempt of a call is a line at Debug, each retry one at Warning. No line holds a key,
        /// a query or a body. It runs on the thread that makes the call; what it throws is dropped.
        /// </summary>
        public static void SetLogger(Action<UpscopeLogLevel, string> log,
            UpscopeLogLevel maxLevel = UpscopeLogLevel.Debug)
        {
            Native.Find();
            if (Interlocked.Exchange(ref watchesEnd, 1) == 0)
            {
                // No line may come to a program, or a part of a server, that is gone.
                EventHandler end = delegate { Native.upscope_set_logger(null, IntPtr.Zero, 0); };
                AppDomain.CurrentDomain.DomainUnload += end;
                AppDomain.CurrentDomain.ProcessExit += end;
            }
            logger = log;
            Native.upscope_set_logger(log == null ? null : OnLog, IntPtr.Zero, (int)maxLevel);
        }

        private static void Logged(IntPtr userData, int level, IntPtr message)
        {
            try
            {
                Action<UpscopeLogLevel, string> log = logger;
                if (log != null) log((UpscopeLogLevel)level, Native.Read(message));
            }
            catch (Exception)
            {
                // No exception may cross the library.
            }
        }

        /// <summary>Calls the operation of this name, JSON in and JSON out. requestJson: null is {}.</summary>
        public string Call(string operation, string requestJson = null)
        {
            byte[] name = Native.Utf8(operation, "the operation");
            byte[] request = Native.Utf8(requestJson, "the request");
            IntPtr text;
            int status = Native.upscope_call(Open(), name, request, out text);
            return Answer(status, Native.Take(text));
        }

        /// <summary>The same as a task. Cancelling the token ends the call.</summary>
        public Task<string> CallAsync(string operation, string requestJson = null,
            CancellationToken cancellationToken = default(CancellationToken))
        {
            return StartTask(operation, requestJson, text => text, cancellationToken);
        }

        /// <summary>
        /// Starts a call for a program that asks for its end, such as from a timer, or is told it. done: told
        /// once, on a thread of the library, when the call has ended; never after Dispose of what this gives
        /// has returned. It must not wait for the program's window (BeginInvoke, not Invoke); what it throws
        /// is dropped.
        /// </summary>
        public UpscopePending Start(string operation, string requestJson = null,
            Action<UpscopePending> done = null)
        {
            return new UpscopePending(Open(), Native.Utf8(operation, "the operation"),
                Native.Utf8(requestJson, "the request"), done);
        }

        /// <summary>Begins a walk through the pages of sessions. Nothing is sent yet. Dispose it.</summary>
        public SessionPages OpenSessions(SessionFilter filter = null, CallOptions options = null)
        {
            return OpenSessions(SessionFilter.ToRequest(filter).Add(options).ToString());
        }

        /// <summary>The same with a request as ListSessions of the C library takes it.</summary>
        public SessionPages OpenSessions(string requestJson)
        {
            return new SessionPages(Open(), Native.Utf8(requestJson, "the request"));
        }

        /// <summary>
        /// All sessions, from first to last; pages are fetched as they are needed. prefetch: fetch the next
        /// page while this one is worked on.
        /// </summary>
        public IEnumerable<Session> EnumerateSessions(SessionFilter filter = null, CallOptions options = null,
            bool prefetch = false)
        {
            using (SessionPages pages = OpenSessions(filter, options))
            {
                if (prefetch) pages.Prefetch(true);
                for (SessionPage page = pages.Next(); page != null; page = pages.Next())
                {
                    foreach (Session session in page) yield return session;
                }
            }
        }

        /// <summary>Ends the client. Started calls and walks go on.</summary>
        public void Dispose()
        {
            handle.Dispose();
        }

        private Native.ClientHandle Open()
        {
            if (handle.IsClosed) throw new ObjectDisposedException("UpscopeClient");
            return handle;
        }

        internal static string Answer(int status, string text)
        {
            if (status != (int)UpscopeStatus.Ok) throw UpscopeException.Of(status, text);
            return text;
        }

        private T Run<T>(Operation<T> call)
        {
            return call.Read(JsonValue.Parse(Call(call.Name, call.Request)));
        }

        private Task<T> Start<T>(Operation<T> call, CancellationToken token)
        {
            return StartTask(call.Name, call.Request, text => call.Read(JsonValue.Parse(text)), token);
        }

        private Task<T> StartTask<T>(string operation, string requestJson, Func<string, T> read,
            CancellationToken token)
        {
            Native.ClientHandle client = Open();
            byte[] name = Native.Utf8(operation, "the operation");
            byte[] request = Native.Utf8(requestJson, "the request");
            return new StartedTask<T>(read, token).Run(
                (Native.Done done, IntPtr userData, out Native.PendingHandle pending, out IntPtr error) =>
                    Native.upscope_start(client, name, request, done, userData, out pending, out error));
        }

        /// <summary>What is called, and what its answer becomes.</summary>
        private sealed class Operation<T>
        {
            internal readonly string Name;
            internal readonly string Request;
            internal readonly Func<JsonValue, T> Read;

            internal Operation(string name, RequestWriter request, Func<JsonValue, T> read)
            {
                Name = name;
                Request = request.ToString();
                Read = read;
            }
        }
    }

    /// <summary>How important a log line is.</summary>
    public enum UpscopeLogLevel
    {
        /// <summary>Error</summary>
        Error = 1,
        /// <summary>A retry.</summary>
        Warning = 2,
        /// <summary>Information</summary>
        Info = 3,
        /// <summary>An attempt of a call: method, path, status, milliseconds.</summary>
        Debug = 4,
        /// <summary>More.</summary>
        Trace = 5
    }
}
