namespace Upscope
{
    /// <summary>How a client reaches the service, and why. It contains no secrets.</summary>
    public sealed class ConnectionInfo : ApiObject
    {
        /// <summary>Reads the object from JSON, for tests.</summary>
        public ConnectionInfo(JsonValue json) : base(json) { }

        /// <summary>The base URL of the service.</summary>
        public string BaseUrl
        {
            get { return Text("base_url"); }
        }

        /// <summary>The proxy, without its password. Null: the connection is direct.</summary>
        public string Proxy
        {
            get { return Text("proxy"); }
        }

        /// <summary>Where the choice of the proxy comes from.</summary>
        public string ProxyReason
        {
            get { return Text("proxy_reason"); }
        }

        /// <summary>The source of the root certificates.</summary>
        public string Roots
        {
            get { return Text("roots"); }
        }
    }
}
