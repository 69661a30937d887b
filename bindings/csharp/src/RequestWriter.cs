using System;
using System.Text;

namespace Upscope
{
    /// <summary>Writes the JSON of a request, without values that are null.</summary>
    internal sealed class RequestWriter
    {
        private readonly StringBuilder json = new StringBuilder("{");

        internal RequestWriter Add(string name, object value)
        {
            if (value == null) return this;
            if (json.Length > 1) json.Append(',');
            JsonWriter.Text(json, name);
            json.Append(':');
            try
            {
                JsonWriter.Write(json, value, 0);
            }
            catch (ArgumentException error)
            {
                throw InvalidArgumentException.Create(name + ": " + error.Message);
            }
            return this;
        }

        internal RequestWriter Add(CallOptions options)
        {
            return Add("options", options == null ? null : options.ToJson());
        }

        internal JsonValue ToJson()
        {
            return JsonValue.Parse(ToString());
        }

        public override string ToString()
        {
            return json.ToString() + "}";
        }

        // Rounded up, so that a short duration does not become zero.
        internal static long? Milliseconds(TimeSpan? duration)
        {
            return duration == null ? (long?)null : (long)Math.Ceiling(duration.Value.TotalMilliseconds);
        }
    }
}
