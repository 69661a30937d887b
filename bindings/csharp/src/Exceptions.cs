using System;
using System.Runtime.Serialization;

namespace Upscope
{
    /// <summary>How a call ended; the numbers of the C library.</summary>
    public enum UpscopeStatus
    {
        /// <summary>It succeeded.</summary>
        Ok = 0,
        /// <summary>InvalidArgumentException</summary>
        InvalidArgument = 1,
        /// <summary>UnauthorizedException</summary>
        Unauthorized = 2,
        /// <summary>PaymentRequiredException</summary>
        PaymentRequired = 3,
        /// <summary>NotFoundException</summary>
        NotFound = 4,
        /// <summary>ConflictException</summary>
        Conflict = 5,
        /// <summary>RateLimitedException</summary>
        RateLimited = 6,
        /// <summary>ServerException</summary>
        ServerError = 7,
        /// <summary>HttpException</summary>
        HttpError = 8,
        /// <summary>CallTimeoutException</summary>
        Timeout = 9,
        /// <summary>TransportException</summary>
        Connection = 10,
        /// <summary>BadResponseException</summary>
        BadResponse = 11,
        /// <summary>CallCancelledException</summary>
        Cancelled = 12,
        /// <summary>InternalException</summary>
        Internal = 13,
        /// <summary>There are no more pages.</summary>
        Done = 100,
        /// <summary>Not finished yet.</summary>
        Pending = 101
    }

    /// <summary>
    /// Base of all exceptions of this library, with the keys of its error object. The text never holds the
    /// API key, a proxy's password, a watch link or a token. They can be serialized.
    /// </summary>
    [Serializable]
    public class UpscopeException : Exception
    {
        private readonly string json;
        // Not kept when serialized, for it is read from the text again.
        [NonSerialized]
        private readonly JsonValue error;

        internal UpscopeException(JsonValue error, Exception inner)
            : base(error["message"].AsString, inner)
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

        /// <summary>The kind of failure, such as "not_found"; the same in every language.</summary>
        public string Code
        {
            get { return error["code"].AsString; }
        }

        /// <summary>The number of Code.</summary>
        public UpscopeStatus Status
        {
            get { return (UpscopeStatus)(int)(error["status"].AsInt64 ?? (long)UpscopeStatus.Internal); }
        }

        /// <summary>The operation that failed, such as "get_visitor"; null where there is none.</summary>
        public string Operation
        {
            get { return Member("operation").AsString; }
        }

        /// <summary>The status of the HTTP answer, if there was one.</summary>
        public int? HttpStatus
        {
            get { return (int?)Member("http_status").AsInt64; }
        }

        /// <summary>The service's own text, such as "invalid_api_key"; null where there is none.</summary>
        public string ApiError
        {
            get { return Member("api_error").AsString; }
        }

        /// <summary>The service's own message; null if it sent none.</summary>
        public string ApiMessage
        {
            get { return Member("api_message").AsString; }
        }

        /// <summary>The X-Request-Id of the answer, or its Request-Id; null if it has neither. Quote it to the
        /// service's support.</summary>
        public string RequestId
        {
            get { return Member("request_id").AsString; }
        }

        /// <summary>How many requests were attempted.</summary>
        public int Attempts
        {
            get { return (int)(Member("attempts").AsInt64 ?? 0); }
        }

        /// <summary>Whether the same call may succeed later and repeating it does no harm.</summary>
        public bool Retryable
        {
            get { return Member("retryable").AsBoolean ?? false; }
        }

        /// <summary>How long the service asked to wait; null when it did not.</summary>
        public TimeSpan? RetryAfter
        {
            get
            {
                long? wait = Member("retry_after_ms").AsInt64;
                return wait == null ? (TimeSpan?)null : TimeSpan.FromMilliseconds(wait.Value);
            }
        }

        /// <summary>Whether something may have been changed although the call failed.</summary>
        public bool MayHaveApplied
        {
            get { return Member("may_have_applied").AsBoolean ?? false; }
        }

        /// <summary>The error object as JSON: {"code": ..., "message": ...}.</summary>
        public string ToJson()
        {
            return json;
        }

        private JsonValue Member(string name)
        {
            return error[name] ?? JsonValue.Parse("null");
        }

        /// <summary>The exception for an error object of the library's.</summary>
        internal static UpscopeException Of(int status, string json)
        {
            JsonValue error = null;
            try
            {
                error = json == null ? null : JsonValue.Parse(json)["error"];
            }
            catch (FormatException)
            {
                // Told below.
            }
            if (error == null || error["code"] == null || error["message"] == null)
            {
                error = Written("internal", 13, "The library gave status " + status + " and no error object.");
            }
            switch ((UpscopeStatus)status)
            {
                case UpscopeStatus.InvalidArgument: return new InvalidArgumentException(error);
                case UpscopeStatus.Unauthorized: return new UnauthorizedException(error);
                case UpscopeStatus.PaymentRequired: return new PaymentRequiredException(error);
                case UpscopeStatus.NotFound: return new NotFoundException(error);
                case UpscopeStatus.Conflict: return new ConflictException(error);
                case UpscopeStatus.RateLimited: return new RateLimitedException(error);
                case UpscopeStatus.ServerError: return new ServerException(error);
                case UpscopeStatus.HttpError: return new HttpException(error);
                case UpscopeStatus.Timeout: return new CallTimeoutException(error);
                case UpscopeStatus.Connection: return new TransportException(error);
                case UpscopeStatus.BadResponse: return new BadResponseException(error);
                case UpscopeStatus.Cancelled: return new CallCancelledException(error);
                case UpscopeStatus.Internal: return new InternalException(error);
                // A newer library may have a status that is not known here.
                default: return new UpscopeException(error, null);
            }
        }

        internal static JsonValue Written(string code, int status, string message)
        {
            System.Text.StringBuilder text = new System.Text.StringBuilder("{\"code\":\"" + code + "\",\"status\":" +
                status + ",\"message\":");
            JsonWriter.Text(text, message);
            return JsonValue.Parse(text.Append(",\"operation\":null,\"http_status\":null,\"api_error\":null," +
                "\"api_message\":null,\"request_id\":null,\"attempts\":0,\"retryable\":false,\"retry_after_ms\":null,\"may_have_applied\":false}").ToString());
        }
    }

    /// <summary>The request or the configuration is wrong. Nothing was sent.</summary>
    [Serializable]
    public sealed class InvalidArgumentException : UpscopeException
    {
        internal InvalidArgumentException(JsonValue error) : base(error, null) { }

        private InvalidArgumentException(SerializationInfo info, StreamingContext context) : base(info, context) { }

        /// <summary>Refused before it came to the library.</summary>
        internal static InvalidArgumentException Of(string message)
        {
            return new InvalidArgumentException(Written("invalid_argument", 1, message));
        }
    }

    /// <summary>The service answered with an error.</summary>
    [Serializable]
    public abstract class ApiException : UpscopeException
    {
        internal ApiException(JsonValue error) : base(error, null) { }

        /// <summary>Restores an exception that was serialized.</summary>
        protected ApiException(SerializationInfo info, StreamingContext context) : base(info, context) { }
    }

    /// <summary>HTTP 401: the API key is not accepted.</summary>
    [Serializable]
    public sealed class UnauthorizedException : ApiException
    {
        internal UnauthorizedException(JsonValue error) : base(error) { }

        private UnauthorizedException(SerializationInfo info, StreamingContext context) : base(info, context) { }
    }

    /// <summary>HTTP 402: the subscription does not cover the call.</summary>
    [Serializable]
    public sealed class PaymentRequiredException : ApiException
    {
        internal PaymentRequiredException(JsonValue error) : base(error) { }

        private PaymentRequiredException(SerializationInfo info, StreamingContext context) : base(info, context) { }
    }

    /// <summary>HTTP 404: no such visitor, agent or path.</summary>
    [Serializable]
    public sealed class NotFoundException : ApiException
    {
        internal NotFoundException(JsonValue error) : base(error) { }

        private NotFoundException(SerializationInfo info, StreamingContext context) : base(info, context) { }
    }

    /// <summary>
    /// HTTP 409: the present state forbids the call; a visitor who is online cannot be
    /// deleted.
    /// </summary>
    [Serializable]
    public sealed class ConflictException : ApiException
    {
        internal ConflictException(JsonValue error) : base(error) { }

        private ConflictException(SerializationInfo info, StreamingContext context) : base(info, context) { }
    }

    /// <summary>
    /// HTTP 429, with the retries used up. RetryAfter says how long to wait, if the service said
    /// so.
    /// </summary>
    [Serializable]
    public sealed class RateLimitedException : ApiException
    {
        internal RateLimitedException(JsonValue error) : base(error) { }

        private RateLimitedException(SerializationInfo info, StreamingContext context) : base(info, context) { }
    }

    /// <summary>HTTP 5xx, with the retries used up.</summary>
    [Serializable]
    public sealed class ServerException : ApiException
    {
        internal ServerException(JsonValue error) : base(error) { }

        private ServerException(SerializationInfo info, StreamingContext context) : base(info, context) { }
    }

    /// <summary>Any other HTTP status but 2xx. Redirects are not followed.</summary>
    [Serializable]
    public sealed class HttpException : ApiException
    {
        internal HttpException(JsonValue error) : base(error) { }

        private HttpException(SerializationInfo info, StreamingContext context) : base(info, context) { }
    }

    /// <summary>
    /// The call's time passed, in whichever phase. No TimeoutException: a class has one base, and
    /// this is an UpscopeException.
    /// </summary>
    [Serializable]
    public sealed class CallTimeoutException : UpscopeException
    {
        internal CallTimeoutException(JsonValue error) : base(error, null) { }

        private CallTimeoutException(SerializationInfo info, StreamingContext context) : base(info, context) { }
    }

    /// <summary>No connection, or a broken one: DNS, refused, TLS, proxy, reset, closed.</summary>
    [Serializable]
    public sealed class TransportException : UpscopeException
    {
        internal TransportException(JsonValue error) : base(error, null) { }

        private TransportException(SerializationInfo info, StreamingContext context) : base(info, context) { }
    }

    /// <summary>An answer of status 2xx that cannot be read, or lacks what the operation promises.</summary>
    [Serializable]
    public sealed class BadResponseException : UpscopeException
    {
        internal BadResponseException(JsonValue error) : base(error, null) { }

        private BadResponseException(SerializationInfo info, StreamingContext context) : base(info, context) { }
    }

    /// <summary>The call was cancelled. A task whose token was cancelled ends as cancelled instead.</summary>
    [Serializable]
    public sealed class CallCancelledException : UpscopeException
    {
        internal CallCancelledException(JsonValue error) : base(error, null) { }

        private CallCancelledException(SerializationInfo info, StreamingContext context) : base(info, context) { }
    }

    /// <summary>A fault of the library. Please report it.</summary>
    [Serializable]
    public sealed class InternalException : UpscopeException
    {
        internal InternalException(JsonValue error) : base(error, null) { }

        private InternalException(SerializationInfo info, StreamingContext context) : base(info, context) { }
    }
}
