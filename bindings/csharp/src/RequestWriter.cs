using System;
using System.Text;

namespace Upscope
{
    /// <summary>Writes the JSON of a request; what is null is left out.</summary>
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
                throw InvalidArgumentException.Of(name + ": " + error.Message);
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

        // Rounded up: no time becomes none.
        internal static long? Milliseconds(TimeSpan? time)
        {
            return time == null ? (long?)null : (long)Math.Ceiling(time.Value.TotalMilliseconds);
        }
    }
}
