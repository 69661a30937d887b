using System;
using System.Collections.Generic;
#if NETSTANDARD2_1
using System.Threading;
#endif

namespace Upscope
{
    /// <summary>
    /// A base class for fakes in tests. It needs neither the service nor the C library. Override what the test
    /// calls; everything else throws a NotImplementedException that names the member. Responses are created from
    /// JSON: new Visitor(JsonValue.Parse(...)).
    /// </summary>
    public abstract partial class FakeUpscopeClient : IUpscopeClient
    {
        /// <summary>Override this if the test calls it.</summary>
        public virtual IEnumerable<Session> EnumerateSessions(SessionFilter filter = null,
            CallOptions options = null, bool prefetch = false)
        {
            throw NotOverridden("EnumerateSessions");
        }

#if NETSTANDARD2_1
        /// <summary>Override this if the test calls it.</summary>
        public virtual IAsyncEnumerable<Session> EnumerateSessionsAsync(SessionFilter filter = null,
            CallOptions options = null, bool prefetch = false,
            CancellationToken cancellationToken = default(CancellationToken))
        {
            throw NotOverridden("EnumerateSessionsAsync");
        }
#endif

        /// <summary>Does nothing.</summary>
        public virtual void Close() { }

        /// <summary>Does nothing.</summary>
        public virtual void Dispose() { }

        private Exception NotOverridden(string member)
        {
            return new NotImplementedException("The test calls " + member + ": override it in " + GetType().Name + ".");
        }
    }
}
