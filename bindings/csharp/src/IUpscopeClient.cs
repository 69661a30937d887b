using System;
using System.Collections.Generic;
#if NETSTANDARD2_1
using System.Threading;
#endif

namespace Upscope
{
    /// <summary>
    /// What UpscopeClient does, for programs that replace it in their tests. It has everything except
    /// OpenSessions, Start and Call, and the settings of a client. Later versions add members for new operations:
    /// derive a fake from FakeUpscopeClient, which then continues to work.
    /// </summary>
    public partial interface IUpscopeClient : IDisposable
    {
        /// <summary>
        /// Enumerates all sessions, from first to last. Fetches pages as needed. prefetch: fetch the next page in
        /// the background.
        /// </summary>
        IEnumerable<Session> EnumerateSessions(SessionFilter filter = null, CallOptions options = null,
            bool prefetch = false);

#if NETSTANDARD2_1
        /// <summary>EnumerateSessions as an asynchronous stream, for await foreach.</summary>
        IAsyncEnumerable<Session> EnumerateSessionsAsync(SessionFilter filter = null, CallOptions options = null,
            bool prefetch = false, CancellationToken cancellationToken = default(CancellationToken));
#endif

        /// <summary>Ends all calls of the client, for a shutdown. Dispose it as well.</summary>
        void Close();
    }
}
