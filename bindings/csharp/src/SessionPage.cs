using System;
using System.Collections;
using System.Collections.Generic;

namespace Upscope
{
    /// <summary>One page of sessions, from first to last.</summary>
    public sealed class SessionPage : ApiObject, IEnumerable<Session>
    {
        private readonly IList<Session> sessions;

        /// <summary>Reads such an object from JSON: for tests, and for what was kept.</summary>
        public SessionPage(JsonValue json) : base(json)
        {
            sessions = Objects(json["cobrowsing_sessions"], Session.Of) ?? new Session[0];
        }

        /// <summary>The sessions.</summary>
        public IList<Session> Sessions
        {
            get { return sessions; }
        }

        /// <summary>Whether there are more.</summary>
        public bool? HasMore
        {
            get { return Flag("has_more"); }
        }

        /// <summary>The id to go on after.</summary>
        public string LastId
        {
            get { return Text("last_id"); }
        }

        /// <summary>The sessions, one by one.</summary>
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
