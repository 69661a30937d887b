using System;
using System.Collections.Generic;

namespace Upscope
{
    /// <summary>
    /// An immutable object of the service. A property is null if the service did not send it, or sent it with
    /// another type. Json has everything that the service sent, including unknown members.
    /// </summary>
    public abstract class ApiObject
    {
        private readonly JsonValue json;

        internal ApiObject(JsonValue json)
        {
            if (json == null) throw new ArgumentNullException("json");
            this.json = json;
        }

        /// <summary>The JSON of the object. Json.Document is the complete response.</summary>
        public JsonValue Json
        {
            get { return json; }
        }

        /// <summary>The name of the type. The content can be secret, such as a watch link or a token.</summary>
        public override string ToString()
        {
            return GetType().Name;
        }

        internal string Text(string name)
        {
            return json[name] == null ? null : json[name].AsString;
        }

        internal long? Integer(string name)
        {
            return json[name] == null ? null : json[name].AsInt64;
        }

        internal bool? Flag(string name)
        {
            return json[name] == null ? null : json[name].AsBoolean;
        }

        internal DateTimeOffset? Date(string name)
        {
            return json[name] == null ? null : json[name].AsDate;
        }

        internal JsonValue Member(string name)
        {
            return json[name] != null && json[name].Kind == JsonKind.Object ? json[name] : null;
        }

        internal IList<string> Texts(string name)
        {
            if (json[name] == null || json[name].Kind != JsonKind.Array) return null;
            List<string> texts = new List<string>();
            // A list with other items is not a list of texts.
            foreach (JsonValue item in json[name].Items)
            {
                if (item.AsString == null) return null;
                texts.Add(item.AsString);
            }
            return texts.AsReadOnly();
        }

        /// <summary>The objects in a list, without its other items.</summary>
        internal static IList<T> Objects<T>(JsonValue list, Func<JsonValue, T> create)
        {
            if (list == null || list.Kind != JsonKind.Array) return null;
            List<T> objects = new List<T>();
            foreach (JsonValue item in list.Items)
            {
                if (item.Kind == JsonKind.Object) objects.Add(create(item));
            }
            return objects.AsReadOnly();
        }
    }
}
