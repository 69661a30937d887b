using System;
using System.Runtime.Serialization;
using System.Text;

namespace Upscope
{
    /// <summary>
    /// The base class of all exceptions of this library, with the keys of the error object. The message never
    /// contains an API key, a proxy password, a watch link or a token. The exceptions can be serialized.
    /// </summary>
    [Serializable]
    public partial class UpscopeException : Exception
    {
        private readonly string json;
        // Not serialized, because it can be parsed from the text again.
        [NonSerialized]
        private readonly JsonValue error;

        internal UpscopeException(JsonValue error)
            : base(error["message"].AsString)
        {
            this.error = error;
            json = error.ToJson();
        }

        /// <summary>Restores an exception that was serialized.</summary>
        protected UpscopeException(SerializationInfo info, StreamingContext context)
            : base(info, context)
        {
            json = info.GetString("upscope_error");
            error = JsonValue.Parse(json);
        }

        /// <summary>Serializes the exception.</summary>
        public override void GetObjectData(SerializationInfo info, StreamingContext context)
        {
            base.GetObjectData(info, context);
            info.AddValue("upscope_error", json);
        }

        /// <summary>The kind of error, such as "not_found". It is the same in every language.</summary>
        public string Code
        {
            get { return error["code"].AsString; }
        }

        /// <summary>The number of Code.</summary>
        public UpscopeStatus Status
        {
            get { return (UpscopeStatus)(int)(error["status"].AsInt64 ?? (long)UpscopeStatus.Internal); }
        }

        /// <summary>The operation that failed, such as "get_visitor", or null.</summary>
        public string Operation
        {
            get { return Member("operation").AsString; }
        }

        /// <summary>The status of the HTTP response, if there was one.</summary>
        public int? HttpStatus
        {
            get { return (int?)Member("http_status").AsInt64; }
        }

        /// <summary>The error code of the service, such as "invalid_api_key", or null.</summary>
        public string ApiError
        {
            get { return Member("api_error").AsString; }
        }

        /// <summary>The error message of the service, or null.</summary>
        public string ApiMessage
        {
            get { return Member("api_message").AsString; }
        }

        /// <summary>The X-Request-Id or Request-Id of the response, for the service's support, or null.</summary>
        public string RequestId
        {
            get { return Member("request_id").AsString; }
        }

        /// <summary>The number of attempts.</summary>
        public int Attempts
        {
            get { return (int)(Member("attempts").AsInt64 ?? 0); }
        }

        /// <summary>Whether the same call can succeed later and is safe to repeat.</summary>
        public bool Retryable
        {
            get { return Member("retryable").AsBoolean ?? false; }
        }

        /// <summary>How long the service asked to wait, or null.</summary>
        public TimeSpan? RetryAfter
        {
            get
            {
                long? wait = Member("retry_after_ms").AsInt64;
                return wait == null ? (TimeSpan?)null : TimeSpan.FromMilliseconds(wait.Value);
            }
        }

        /// <summary>Whether the call may have changed something although it failed.</summary>
        public bool MayHaveApplied
        {
            get { return Member("may_have_applied").AsBoolean ?? false; }
        }

        /// <summary>The error object as JSON: {"code": ..., "message": ...}.</summary>
        public string ToJson()
        {
            return json;
        }

        /// <summary>
        /// Creates an exception from the JSON of ToJson, for fakes in tests: {"code": "not_found", "status": 4,
        /// "message": ...}. The status selects the class. Members that are missing are null. FormatException: the
        /// text is not JSON, or has no code, status or message.
        /// </summary>
        public static UpscopeException FromJson(string json)
        {
            JsonValue error = JsonValue.Parse(json);
            foreach (string name in new[] { "code", "status", "message" })
            {
                if (error[name] == null) throw new FormatException("The JSON of the exception has no \"" + name + "\".");
            }
            long? status = error["status"].AsInt64;
            if (status == null || status < int.MinValue || status > int.MaxValue)
            {
                throw new FormatException("The \"status\" of the exception is not a number of UpscopeStatus.");
            }
            return OfStatus((UpscopeStatus)status.Value, error);
        }

        private JsonValue Member(string name)
        {
            return error[name] ?? JsonValue.Parse("null");
        }

        /// <summary>The exception for a failed call.</summary>
        internal static UpscopeException FromJson(int status, string json)
        {
            JsonValue error = null;
            try
            {
                error = json == null ? null : JsonValue.Parse(json)["error"];
            }
            catch (FormatException)
            {
                // Replaced below.
            }
            if (error == null || error["code"] == null || error["message"] == null)
            {
                error = ErrorObject("internal", UpscopeStatus.Internal, "The library returned status " + status + " without an error object.");
            }
            return OfStatus((UpscopeStatus)status, error);
        }

        internal static JsonValue ErrorObject(string code, UpscopeStatus status, string message)
        {
            StringBuilder json = new StringBuilder("{\"code\":\"" + code + "\",\"status\":" + (int)status + ",\"message\":");
            JsonWriter.Text(json, message);
            json.Append(",\"operation\":null,\"http_status\":null,\"api_error\":null,\"api_message\":null," +
                "\"request_id\":null,\"attempts\":0,\"retryable\":false,\"retry_after_ms\":null," +
                "\"may_have_applied\":false}");
            return JsonValue.Parse(json.ToString());
        }
    }

    /// <summary>The service answered with an error status.</summary>
    [Serializable]
    public abstract class ApiException : UpscopeException
    {
        internal ApiException(JsonValue error) : base(error) { }

        /// <summary>Restores an exception that was serialized.</summary>
        protected ApiException(SerializationInfo info, StreamingContext context) : base(info, context) { }
    }

    public sealed partial class InvalidArgumentException
    {
        /// <summary>An exception for an argument that this binding refuses.</summary>
        internal static InvalidArgumentException Create(string message)
        {
            return new InvalidArgumentException(ErrorObject("invalid_argument", UpscopeStatus.InvalidArgument, message));
        }
    }
}
