using System;
using System.Collections.Generic;
using System.Threading;
using System.Threading.Tasks;

namespace Upscope
{
    /// <summary>
    /// A client of the Upscope co-browsing REST API. Create one and keep it, because it holds the connections.
    /// Any number of threads can share it. A call ends within its Timeout. Calls that are running when the
    /// client is disposed end normally. Later calls throw an ObjectDisposedException.
    /// </summary>
    public sealed partial class UpscopeClient : IUpscopeClient
    {
        // Static, so that it is not collected while the library can call it.
        private static readonly Native.Log OnLog = HandleLogLine;
        private static volatile Action<UpscopeLogLevel, string> logger;
        private static int exitHandlerAdded;

        private readonly Native.ClientHandle handle;

        /// <summary>Creates a client with the API key in the environment variable UPSCOPE_API_KEY.</summary>
        public UpscopeClient() : this((UpscopeConfiguration)null) { }

        /// <summary>Creates a client. Sends nothing. InvalidArgumentException: a setting is not valid.</summary>
        public UpscopeClient(UpscopeConfiguration configuration)
            : this(configuration == null ? "{}" : configuration.ToRequest()) { }

        /// <summary>Creates a client with the configuration of the C library as JSON: {"api_key": ...}.</summary>
        public UpscopeClient(string configurationJson)
        {
            Native.Load();
            IntPtr error;
            byte[] json = Native.Utf8(configurationJson, "the configuration");
            int status;
            try
            {
                status = Native.upscope_client_new(json, out handle, out error);
            }
            finally
            {
                // It contains the API key.
                if (json != null) Array.Clear(json, 0, json.Length);
            }
            string text = Native.Take(error);
            if (status != (int)UpscopeStatus.Ok) throw UpscopeException.FromJson(status, text);
        }

        /// <summary>The version of the C library.</summary>
        public static string LibraryVersion
        {
            get { return Native.Version(); }
        }

        /// <summary>All operations, with the JSON Schemas of their requests.</summary>
        public static JsonValue Operations
        {
            get { return JsonValue.Parse(Native.Operations()); }
        }

        /// <summary>
        /// Parses the body of a webhook: the session that has ended. Only its id is always present. The service
        /// documents no signature, so anyone who knows the URL can post to it.
        /// </summary>
        public static Session ParseWebhook(string body)
        {
            if (body == null) throw new ArgumentNullException("body");
            return ParseWebhookBytes(Native.Utf8(body, "the webhook's body"));
        }

        /// <summary>Parses the bytes of the body of a webhook.</summary>
        public static Session ParseWebhook(byte[] body)
        {
            if (body == null) throw new ArgumentNullException("body");
            return ParseWebhookBytes(Native.Terminated(body, "the webhook's body"));
        }

        private static Session ParseWebhookBytes(byte[] body)
        {
            Native.Load();
            IntPtr text;
            int status = Native.upscope_parse_webhook(body, out text);
            return new Session(JsonValue.Parse(Check(status, Native.Take(text))));
        }

        /// <summary>
        /// Sends the log lines of all clients to a function, except those of clients with a function of their own
        /// (SetClientLogger). Null disables logging, which is the default. Each
        /// attempt of a call is a line at Debug, each retry a line at Warning. No line contains an API key, a
        /// query or a body. The function runs on the thread that makes the call. Its exceptions are ignored.
        /// </summary>
        public static void SetLogger(Action<UpscopeLogLevel, string> log,
            UpscopeLogLevel maxLevel = UpscopeLogLevel.Debug)
        {
            Native.Load();
            if (Interlocked.Exchange(ref exitHandlerAdded, 1) == 0)
            {
                // The library must not call an unloaded application domain.
                EventHandler stop = delegate { Native.upscope_set_logger(null, IntPtr.Zero, 0); };
                AppDomain.CurrentDomain.DomainUnload += stop;
                AppDomain.CurrentDomain.ProcessExit += stop;
            }
            logger = log;
            Native.upscope_set_logger(log == null ? null : OnLog, IntPtr.Zero, (int)maxLevel);
        }

        private static void HandleLogLine(IntPtr userData, int level, IntPtr message)
        {
            try
            {
                Action<UpscopeLogLevel, string> log = logger;
                if (log != null) log((UpscopeLogLevel)level, Native.Read(message));
            }
            catch (Exception)
            {
                // An exception must not reach the library.
            }
        }

        /// <summary>
        /// Sends the log lines of this client to a function, instead of the function of SetLogger. Null returns to
        /// that function. When this has returned, the former function does not run any more, unless it made this
        /// call itself. The client keeps the function alive until Dispose, which waits for it if it is running; the
        /// lines of calls that continue then go to the function of SetLogger. Its exceptions are ignored.
        /// </summary>
        public void SetClientLogger(Action<UpscopeLogLevel, string> log,
            UpscopeLogLevel maxLevel = UpscopeLogLevel.Debug)
        {
            ClientLogger.Set(Handle(), log, maxLevel);
        }

        /// <summary>How the client reaches the service, and why: proxy and root certificates. Sends nothing.</summary>
        public ConnectionInfo ConnectionInfo()
        {
            IntPtr text;
            int status = Native.upscope_connection_info(Handle(), out text);
            return new ConnectionInfo(JsonValue.Parse(Check(status, Native.Take(text))));
        }

        /// <summary>Calls an operation by name, with the request and the response as JSON. requestJson: null is {}.</summary>
        public string Call(string operation, string requestJson = null)
        {
            byte[] name = Native.Utf8(operation, "the operation");
            byte[] request = Native.Utf8(requestJson, "the request");
            IntPtr text;
            int status = Native.upscope_call(Handle(), name, request, out text);
            return Check(status, Native.Take(text));
        }

        /// <summary>Call as a task. Cancelling the token cancels the call.</summary>
        public Task<string> CallAsync(string operation, string requestJson = null,
            CancellationToken cancellationToken = default(CancellationToken))
        {
            return StartTask(operation, requestJson, text => text, cancellationToken);
        }

        /// <summary>
        /// Starts a call. Poll the result from a timer, or pass a callback. The callback runs once, on a thread
        /// of the library, when the call has ended, but not after Dispose of the result has returned. It must
        /// not wait for the thread of the user interface: use BeginInvoke, not Invoke. Its exceptions are
        /// ignored.
        /// </summary>
        public UpscopePending Start(string operation, string requestJson = null,
            Action<UpscopePending> done = null)
        {
            return new UpscopePending(Handle(), Native.Utf8(operation, "the operation"),
                Native.Utf8(requestJson, "the request"), done);
        }

        /// <summary>Creates an iterator over the pages of sessions. Sends nothing. Dispose the iterator.</summary>
        public SessionPages OpenSessions(SessionFilter filter = null, CallOptions options = null)
        {
            return OpenSessions(SessionFilter.ToRequest(filter).Add(options).ToString());
        }

        /// <summary>Creates an iterator with the request of list_sessions of the C library as JSON.</summary>
        public SessionPages OpenSessions(string requestJson)
        {
            return new SessionPages(Handle(), Native.Utf8(requestJson, "the request"));
        }

        /// <summary>
        /// Enumerates all sessions, from first to last. Fetches pages as needed. prefetch: fetch the next page in
        /// the background.
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

        /// <summary>
        /// Ends all calls of the client with a CallCancelledException within 0.2 seconds: blocking calls, tasks,
        /// started calls and iterators. Later calls end the same way, immediately. Any thread can call this, also a
        /// callback. It does not wait for the calls. After Dispose, it does nothing.
        /// </summary>
        public void Close()
        {
            try
            {
                Native.upscope_client_close(handle);
            }
            catch (ObjectDisposedException)
            {
                // Dispose was called.
            }
        }

        /// <summary>Frees the client. Started calls and iterators continue; call Close before, to end them.</summary>
        public void Dispose()
        {
            handle.Dispose();
        }

        private Native.ClientHandle Handle()
        {
            if (handle.IsClosed) throw new ObjectDisposedException("UpscopeClient");
            return handle;
        }

        // Returns the text of a successful call.
        internal static string Check(int status, string text)
        {
            if (status != (int)UpscopeStatus.Ok) throw UpscopeException.FromJson(status, text);
            return text;
        }

        private T Run<T>(Operation<T> operation)
        {
            return operation.Read(JsonValue.Parse(Call(operation.Name, operation.Request)));
        }

        private Task<T> Start<T>(Operation<T> operation, CancellationToken token)
        {
            return StartTask(operation.Name, operation.Request, text => operation.Read(JsonValue.Parse(text)), token);
        }

        private Task<T> StartTask<T>(string operation, string requestJson, Func<string, T> read,
            CancellationToken token)
        {
            Native.ClientHandle client = Handle();
            byte[] name = Native.Utf8(operation, "the operation");
            byte[] request = Native.Utf8(requestJson, "the request");
            return new StartedTask<T>(read, token).Run(
                (Native.Done done, IntPtr userData, out Native.PendingHandle pending, out IntPtr error) =>
                    Native.upscope_start(client, name, request, done, userData, out pending, out error));
        }

        /// <summary>An operation, its request, and the conversion of its response.</summary>
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

    /// <summary>The level of a log line.</summary>
    public enum UpscopeLogLevel
    {
        /// <summary>An error.</summary>
        Error = 1,
        /// <summary>A retry.</summary>
        Warning = 2,
        /// <summary>Information.</summary>
        Info = 3,
        /// <summary>An attempt of a call: method, path, status, milliseconds.</summary>
        Debug = 4,
        /// <summary>Everything.</summary>
        Trace = 5
    }
}
