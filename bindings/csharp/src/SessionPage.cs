using System.Collections;
using System.Collections.Generic;

namespace Upscope
{
    public sealed partial class SessionPage : IEnumerable<Session>
    {
        private readonly IList<Session> sessions;

        /// <summary>Reads the object from JSON, for tests and for stored responses.</summary>
        public SessionPage(JsonValue json) : base(json)
        {
            sessions = Objects(json["cobrowsing_sessions"], Session.FromJson) ?? new Session[0];
        }

        /// <summary>The sessions of this page.</summary>
        public IList<Session> Sessions
        {
            get { return sessions; }
        }

        /// <summary>Enumerates the sessions of this page.</summary>
        public IEnumerator<Session> GetEnumerator()
        {
            return sessions.GetEnumerator();
        }

        IEnumerator IEnumerable.GetEnumerator()
        {
            return GetEnumerator();
        }
    }
}
