using System;
using System.Collections.Generic;

namespace Upscope
{
    /// <summary>
    /// An object of the service's. Immutable. A property that the service left out, or sent in another type,
    /// is null; Json has all that came, also what is not known here.
    /// </summary>
    public abstract class ApiObject
    {
        private readonly JsonValue json;

        internal ApiObject(JsonValue json)
        {
            if (json == null) throw new ArgumentNullException("json");
            this.json = json;
        }

        /// <summary>The object as it came. Json.Document is the whole answer.</summary>
        public JsonValue Json
        {
            get { return json; }
        }

        /// <summary>Tells the type and no content, which may be a watch link or a token.</summary>
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
            foreach (JsonValue item in json[name].Items)
            {
                // One that is no text makes the list something else than it was meant to be.
                if (item.AsString == null) return null;
                texts.Add(item.AsString);
            }
            return texts.AsReadOnly();
        }

        /// <summary>The objects of a list; what else is in it does not spoil them.</summary>
        internal static IList<T> Objects<T>(JsonValue list, Func<JsonValue, T> make)
        {
            if (list == null || list.Kind != JsonKind.Array) return null;
            List<T> objects = new List<T>();
            foreach (JsonValue item in list.Items)
            {
                if (item.Kind == JsonKind.Object) objects.Add(make(item));
            }
            return objects.AsReadOnly();
        }
    }
}
