using System;
using System.Threading;
using System.Threading.Tasks;

namespace Upscope
{
    /// <summary>
    /// Iterates over the pages of sessions. It can outlive its client. If several threads use it at once, they
    /// take turns.
    /// </summary>
    public sealed class SessionPages : IDisposable
    {
        private readonly Native.SessionsHandle pages;

        internal SessionPages(Native.ClientHandle client, byte[] request)
        {
            IntPtr error;
            int status = Native.upscope_sessions_open(client, request, out pages, out error);
            UpscopeClient.Check(status, Native.Take(error));
        }

        /// <summary>
        /// Fetches the next page. Null after the last page. After an exception, the next call requests the same
        /// page again.
        /// </summary>
        public SessionPage Next()
        {
            IntPtr text;
            int status = Native.upscope_sessions_next(Handle(), out text);
            string json = Native.Take(text);
            if (status == (int)UpscopeStatus.Done) return null;
            return Page(UpscopeClient.Check(status, json));
        }

        /// <summary>Next as a task. Cancelling the token cancels the task.</summary>
        public Task<SessionPage> NextAsync(CancellationToken cancellationToken = default(CancellationToken))
        {
            Native.SessionsHandle handle = Handle();
            return new StartedTask<SessionPage>(Page, cancellationToken).Run(
                (Native.Done done, IntPtr userData, out Native.PendingHandle pending, out IntPtr error) =>
                    Native.upscope_sessions_start_next(handle, done, userData, out pending, out error));
        }

        /// <summary>Enables background prefetch of the next page. It is off by default.</summary>
        public void Prefetch(bool on)
        {
            Native.upscope_sessions_prefetch(Handle(), on ? 1 : 0);
        }

        /// <summary>Frees the iterator.</summary>
        public void Dispose()
        {
            pages.Dispose();
        }

        private Native.SessionsHandle Handle()
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
