#if NETSTANDARD2_1
using System;
using System.Collections.Generic;
using System.Threading;
using System.Threading.Tasks;

namespace Upscope
{
    public sealed partial class UpscopeClient
    {
        /// <summary>
        /// Enumerates all sessions, from first to last, without blocking a thread. Fetches pages as needed.
        /// </summary>
        /// <param name="filter">The filter.</param>
        /// <param name="options">Options for the request of each page.</param>
        /// <param name="prefetch">Whether to fetch the next page in the background.</param>
        /// <param name="cancellationToken">Cancels the enumeration and the call that is running. The token of
        /// WithCancellation does the same.</param>
        public IAsyncEnumerable<Session> EnumerateSessionsAsync(SessionFilter filter = null,
            CallOptions options = null, bool prefetch = false,
            CancellationToken cancellationToken = default(CancellationToken))
        {
            return new SessionStream(() => OpenSessions(filter, options), prefetch, cancellationToken);
        }
    }

    internal sealed class SessionStream : IAsyncEnumerable<Session>
    {
        private readonly Func<SessionPages> open;
        private readonly bool prefetch;
        private readonly CancellationToken token;

        internal SessionStream(Func<SessionPages> open, bool prefetch, CancellationToken token)
        {
            this.open = open;
            this.prefetch = prefetch;
            this.token = token;
        }

        public IAsyncEnumerator<Session> GetAsyncEnumerator(CancellationToken cancellationToken)
        {
            return new Enumerator(this, cancellationToken);
        }

        private sealed class Enumerator : IAsyncEnumerator<Session>
        {
            private readonly SessionStream stream;
            // Cancelled by either token.
            private readonly CancellationTokenSource source;
            private SessionPages pages;
            private IList<Session> sessions = new Session[0];
            private int index = -1;
            private bool disposed;

            internal Enumerator(SessionStream stream, CancellationToken token)
            {
                this.stream = stream;
                source = CancellationTokenSource.CreateLinkedTokenSource(stream.token, token);
            }

            public Session Current
            {
                get { return index >= 0 && index < sessions.Count ? sessions[index] : null; }
            }

            public ValueTask<bool> MoveNextAsync()
            {
                if (disposed) return new ValueTask<bool>(false);
                if (source.IsCancellationRequested) return new ValueTask<bool>(Task.FromCanceled<bool>(source.Token));
                if (index + 1 < sessions.Count)
                {
                    index++;
                    return new ValueTask<bool>(true);
                }
                return new ValueTask<bool>(NextPage());
            }

            private async Task<bool> NextPage()
            {
                if (pages == null)
                {
                    pages = stream.open();
                    if (stream.prefetch) pages.Prefetch(true);
                }
                SessionPage page;
                do
                {
                    page = await pages.NextAsync(source.Token).ConfigureAwait(false);
                    sessions = page == null ? new Session[0] : page.Sessions;
                    index = -1;
                }
                while (page != null && sessions.Count == 0);
                if (page == null) return false;
                index = 0;
                return true;
            }

            public ValueTask DisposeAsync()
            {
                disposed = true;
                source.Dispose();
                if (pages != null) pages.Dispose();
                return default(ValueTask);
            }
        }
    }
}
#endif
