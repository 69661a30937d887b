using System;
using System.Threading;
using System.Threading.Tasks;

namespace Upscope
{
    /// <summary>
    /// A walk through the pages of sessions. It may outlive its client. Threads that use it at once take
    /// turns.
    /// </summary>
    public sealed class SessionPages : IDisposable
    {
        private readonly Native.SessionsHandle pages;

        internal SessionPages(Native.ClientHandle client, byte[] request)
        {
            IntPtr error;
            int status = Native.upscope_sessions_open(client, request, out pages, out error);
            UpscopeClient.Answer(status, Native.Take(error));
        }

        /// <summary>
        /// Fetches the next page; null after the last. After an exception the same page can be asked for
        /// again.
        /// </summary>
        public SessionPage Next()
        {
            IntPtr text;
            int status = Native.upscope_sessions_next(Open(), out text);
            string json = Native.Take(text);
            if (status == (int)UpscopeStatus.Done) return null;
            return Page(UpscopeClient.Answer(status, json));
        }

        /// <summary>Next as a task. Cancelling the token ends it.</summary>
        public Task<SessionPage> NextAsync(CancellationToken cancellationToken = default(CancellationToken))
        {
            Native.SessionsHandle walk = Open();
            return new StartedTask<SessionPage>(Page, cancellationToken).Run(
                (Native.Done done, IntPtr userData, out Native.PendingHandle pending, out IntPtr error) =>
                    Native.upscope_sessions_start_next(walk, done, userData, out pending, out error));
        }

        /// <summary>
        /// Whether to fetch the next page ahead, on a thread of the library; not at the start.
        /// </summary>
        public void Prefetch(bool on)
        {
            Native.upscope_sessions_prefetch(Open(), on ? 1 : 0);
        }

        /// <summary>Ends the walk.</summary>
        public void Dispose()
        {
            pages.Dispose();
        }

        private Native.SessionsHandle Open()
        {
            if (pages.IsClosed) throw new ObjectDisposedException("SessionPages");
            return pages;
        }

        private static SessionPage Page(string json)
        {
            return json == null ? null : new SessionPage(JsonValue.Parse(json));
        }
    }
}
