using System;
using System.Collections;
using System.Collections.Generic;
using System.Globalization;
using System.Text;

namespace Upscope
{
    /// <summary>The kind of a JSON value.</summary>
    public enum JsonKind
    {
        /// <summary>null</summary>
        Null,
        /// <summary>true or false</summary>
        Boolean,
        /// <summary>A number.</summary>
        Number,
        /// <summary>A string.</summary>
        String,
        /// <summary>An array.</summary>
        Array,
        /// <summary>An object.</summary>
        Object
    }

    /// <summary>
    /// An immutable JSON value. It keeps the text from which it was parsed, so numbers keep all digits.
    /// </summary>
    public sealed class JsonValue
    {
        private static readonly JsonValue[] NoItems = new JsonValue[0];

        private readonly string document;
        private readonly int start;
        private readonly int length;
        private readonly JsonKind kind;
        private readonly string text;
        private readonly JsonValue[] items;
        private readonly string[] names;

        internal JsonValue(string document, int start, int length, JsonKind kind, string text, JsonValue[] items,
            string[] names)
        {
            this.document = document;
            this.start = start;
            this.length = length;
            this.kind = kind;
            this.text = text;
            this.items = items ?? NoItems;
            this.names = names;
        }

        /// <summary>
        /// Parses a JSON text. FormatException: it is not JSON, or nested more than 200 levels.
        /// </summary>
        public static JsonValue Parse(string json)
        {
            if (json == null) throw new ArgumentNullException("json");
            return new JsonReader(json).ReadDocument();
        }

        /// <summary>
        /// Converts null, strings, booleans, numbers, DateTimeOffset, JsonValue, dictionaries with strings as
        /// keys, and sequences of these to JSON. ArgumentException: the value is of another type, or a number
        /// that is not finite.
        /// </summary>
        public static JsonValue From(object value)
        {
            StringBuilder json = new StringBuilder();
            JsonWriter.Write(json, value, 0);
            return Parse(json.ToString());
        }

        /// <summary>The kind of the value.</summary>
        public JsonKind Kind
        {
            get { return kind; }
        }

        /// <summary>Whether it is null.</summary>
        public bool IsNull
        {
            get { return kind == JsonKind.Null; }
        }

        /// <summary>The number of members or items. 0 for other kinds.</summary>
        public int Count
        {
            get { return items.Length; }
        }

        /// <summary>The items of an array, or the values of an object. Empty for other kinds.</summary>
        public IEnumerable<JsonValue> Items
        {
            get
            {
                foreach (JsonValue item in items) yield return item;
            }
        }

        /// <summary>The names of the members of an object, in their order in the text.</summary>
        public IEnumerable<string> Names
        {
            get
            {
                for (int i = 0; names != null && i < names.Length; i++) yield return names[i];
            }
        }

        /// <summary>A member of an object. Null if the member does not exist or this is not an object.</summary>
        public JsonValue this[string name]
        {
            get
            {
                // If a name occurs twice, the last one counts.
                for (int i = items.Length - 1; names != null && i >= 0; i--)
                {
                    if (names[i] == name) return items[i];
                }
                return null;
            }
        }

        /// <summary>An item of an array, from 0. Null if the index is out of range or this is not an array.</summary>
        public JsonValue this[int index]
        {
            get { return kind == JsonKind.Array && index >= 0 && index < items.Length ? items[index] : null; }
        }

        /// <summary>A string, or the digits of a number. Null for other kinds.</summary>
        public string AsString
        {
            get { return kind == JsonKind.String || kind == JsonKind.Number ? text : null; }
        }

        /// <summary>A boolean. Null for other kinds.</summary>
        public bool? AsBoolean
        {
            get { return kind == JsonKind.Boolean ? document[start] == 't' : (bool?)null; }
        }

        /// <summary>A 64-bit integer. Null for other kinds and numbers.</summary>
        public long? AsInt64
        {
            get
            {
                long number;
                return kind == JsonKind.Number && long.TryParse(text, NumberStyles.AllowLeadingSign,
                    CultureInfo.InvariantCulture, out number) ? number : (long?)null;
            }
        }

        /// <summary>A number as a double. Null for other kinds and numbers.</summary>
        public double? AsDouble
        {
            get
            {
                double number;
                return kind == JsonKind.Number && double.TryParse(text, NumberStyles.Float,
                    CultureInfo.InvariantCulture, out number) && !double.IsInfinity(number) ? number : (double?)null;
            }
        }

        /// <summary>A string with a date and its offset (RFC 3339). Null for everything else.</summary>
        public DateTimeOffset? AsDate
        {
            get { return kind == JsonKind.String ? Rfc3339.Parse(text) : null; }
        }

        /// <summary>The JSON text of this value.</summary>
        public string ToJson()
        {
            return document.Substring(start, length);
        }

        /// <summary>The complete text from which the value was parsed, such as the response.</summary>
        public string Document
        {
            get { return document; }
        }

        /// <summary>The kind of the value. The content can be secret, such as a watch link or a token.</summary>
        public override string ToString()
        {
            switch (kind)
            {
                case JsonKind.Object: return "JSON object of " + Count + " members";
                case JsonKind.Array: return "JSON array of " + Count + " items";
                default: return "JSON " + kind.ToString().ToLowerInvariant();
            }
        }
    }

    /// <summary>
    /// A strict JSON reader. .NET Framework and .NET have no common one that keeps numbers as written. A package
    /// could conflict with other packages of the program.
    /// </summary>
    internal sealed class JsonReader
    {
        // The library accepts 128 levels.
        private const int MaxDepth = 200;

        private readonly string json;
        private int at;

        internal JsonReader(string json)
        {
            this.json = json;
        }

        internal JsonValue ReadDocument()
        {
            SkipSpace();
            JsonValue value = Value(1);
            SkipSpace();
            if (at < json.Length) throw Expected("nothing more");
            return value;
        }

        private JsonValue Value(int depth)
        {
            if (depth > MaxDepth) throw new FormatException("The JSON is nested more than " + MaxDepth + " levels.");
            int start = at;
            switch (Peek())
            {
                case '{': return Object(depth);
                case '[': return Array(depth);
                case '"':
                    string text = Text();
                    return Scalar(start, JsonKind.String, text);
                case 't': return Word(start, "true", JsonKind.Boolean);
                case 'f': return Word(start, "false", JsonKind.Boolean);
                case 'n': return Word(start, "null", JsonKind.Null);
                default: return Number();
            }
        }

        private JsonValue Scalar(int start, JsonKind kind, string text)
        {
            return new JsonValue(json, start, at - start, kind, text, null, null);
        }

        private JsonValue Object(int depth)
        {
            int start = at++;
            List<string> names = new List<string>();
            List<JsonValue> values = new List<JsonValue>();
            SkipSpace();
            if (Peek() == '}') at++;
            else
            {
                do
                {
                    SkipSpace();
                    if (Peek() != '"') throw Expected("a name");
                    names.Add(Text());
                    SkipSpace();
                    if (Peek() != ':') throw Expected("a colon");
                    at++;
                    SkipSpace();
                    values.Add(Value(depth + 1));
                    SkipSpace();
                } while (NextItem('}'));
            }
            return new JsonValue(json, start, at - start, JsonKind.Object, null, values.ToArray(), names.ToArray());
        }

        private JsonValue Array(int depth)
        {
            int start = at++;
            List<JsonValue> values = new List<JsonValue>();
            SkipSpace();
            if (Peek() == ']') at++;
            else
            {
                do
                {
                    SkipSpace();
                    values.Add(Value(depth + 1));
                    SkipSpace();
                } while (NextItem(']'));
            }
            return new JsonValue(json, start, at - start, JsonKind.Array, null, values.ToArray(), null);
        }

        private bool NextItem(char end)
        {
            char c = Peek();
            if (c != ',' && c != end) throw Expected("a comma or '" + end + "'");
            at++;
            return c == ',';
        }

        private JsonValue Word(int start, string word, JsonKind kind)
        {
            if (string.CompareOrdinal(json, at, word, 0, word.Length) != 0) throw Expected("a value");
            at += word.Length;
            return Scalar(start, kind, null);
        }

        private JsonValue Number()
        {
            int start = at;
            if (Peek() == '-') at++;
            if (Peek() == '0') at++;
            else Digits();
            if (Peek() == '.')
            {
                at++;
                Digits();
            }
            if (Peek() == 'e' || Peek() == 'E')
            {
                at++;
                if (Peek() == '+' || Peek() == '-') at++;
                Digits();
            }
            return Scalar(start, JsonKind.Number, json.Substring(start, at - start));
        }

        private void Digits()
        {
            if (Peek() < '0' || Peek() > '9') throw Expected("a value");
            while (Peek() >= '0' && Peek() <= '9') at++;
        }

        private string Text()
        {
            int start = ++at;
            while (at < json.Length && json[at] != '"' && json[at] != '\\' && json[at] >= ' ') at++;
            if (Peek() == '"') return json.Substring(start, at++ - start);
            StringBuilder text = new StringBuilder(json, start, at - start, Math.Max(16, 2 * (at - start)));
            for (; ; )
            {
                if (at == json.Length) throw Expected("the end of a text");
                char c = json[at++];
                if (c == '"') break;
                if (c < ' ') throw Expected("no control character");
                text.Append(c == '\\' ? Escape() : c);
            }
            return text.ToString();
        }

        private char Escape()
        {
            char c = Peek();
            at++;
            switch (c)
            {
                case '"': case '\\': case '/': return c;
                case 'b': return '\b';
                case 'f': return '\f';
                case 'n': return '\n';
                case 'r': return '\r';
                case 't': return '\t';
                case 'u': break;
                default: throw Expected("an escape");
            }
            int code = 0;
            for (int i = 0; i < 4; i++)
            {
                int digit = "0123456789abcdef".IndexOf(char.ToLowerInvariant(Peek()));
                if (digit < 0) throw Expected("four digits");
                code = code * 16 + digit;
                at++;
            }
            return (char)code;
        }

        private char Peek()
        {
            return at < json.Length ? json[at] : '\0';
        }

        private void SkipSpace()
        {
            while (at < json.Length && (json[at] == ' ' || json[at] == '\n' || json[at] == '\r' || json[at] == '\t')) at++;
        }

        // The message does not quote the text, because it can be secret.
        private FormatException Expected(string what)
        {
            return new FormatException("Not JSON: " + what + " was expected at position " + at + ".");
        }
    }

    /// <summary>Writes JSON.</summary>
    internal static class JsonWriter
    {
        internal static void Write(StringBuilder json, object value, int depth)
        {
            if (depth > 200) throw new ArgumentException("The value is nested more than 200 levels, or within itself.");
            JsonValue parsed = value as JsonValue;
            IDictionary dictionary = value as IDictionary;
            if (value == null) json.Append("null");
            else if (parsed != null) json.Append(parsed.ToJson());
            else if (value is string) Text(json, (string)value);
            else if (value is bool) json.Append((bool)value ? "true" : "false");
            else if (value is DateTimeOffset) Text(json, Rfc3339.Format((DateTimeOffset)value));
            else if (value is double || value is float) Real(json, Convert.ToDouble(value), value);
            else if (value is sbyte || value is byte || value is short || value is ushort || value is int || value is uint ||
                value is long || value is ulong || value is decimal)
            {
                json.Append(((IFormattable)value).ToString(null, CultureInfo.InvariantCulture));
            }
            else if (dictionary != null)
            {
                char before = '{';
                foreach (DictionaryEntry member in dictionary)
                {
                    string name = member.Key as string;
                    if (name == null) throw new ArgumentException("The keys of a dictionary must be strings.");
                    json.Append(before);
                    Text(json, name);
                    json.Append(':');
                    Write(json, member.Value, depth + 1);
                    before = ',';
                }
                json.Append(before == '{' ? "{}" : "}");
            }
            else if (value is IEnumerable)
            {
                char before = '[';
                foreach (object item in (IEnumerable)value)
                {
                    json.Append(before);
                    Write(json, item, depth + 1);
                    before = ',';
                }
                json.Append(before == '[' ? "[]" : "]");
            }
            else throw new ArgumentException("A value of type " + value.GetType() + " cannot be written as JSON.");
        }

        internal static void Text(StringBuilder json, string text)
        {
            json.Append('"');
            foreach (char c in text)
            {
                if (c == '"' || c == '\\') json.Append('\\').Append(c);
                else if (c < ' ') json.Append("\\u").Append(((int)c).ToString("x4", CultureInfo.InvariantCulture));
                else json.Append(c);
            }
            json.Append('"');
        }

        private static void Real(StringBuilder json, double number, object value)
        {
            if (double.IsNaN(number) || double.IsInfinity(number))
            {
                throw new ArgumentException("JSON has no infinite numbers and no NaN.");
            }
            // "R" writes all digits. For a float, these are fewer than for a double.
            json.Append(((IFormattable)value).ToString("R", CultureInfo.InvariantCulture));
        }
    }

    /// <summary>
    /// Dates in the format of the service, with any offset and any number of digits after the second.
    /// </summary>
    internal static class Rfc3339
    {
        internal static string Format(DateTimeOffset date)
        {
            return date.ToString("yyyy-MM-dd'T'HH:mm:ss.FFFFFFFzzz", CultureInfo.InvariantCulture);
        }

        internal static DateTimeOffset? Parse(string text)
        {
            int year, month, day, hour, minute, second, offsetHour = 0, offsetMinute = 0;
            if (text.Length < 20 || text[4] != '-' || text[7] != '-' || "Tt ".IndexOf(text[10]) < 0 || text[13] != ':' ||
                text[16] != ':' || !Digits(text, 0, 4, out year) || !Digits(text, 5, 2, out month) ||
                !Digits(text, 8, 2, out day) || !Digits(text, 11, 2, out hour) || !Digits(text, 14, 2, out minute) ||
                !Digits(text, 17, 2, out second))
            {
                return null;
            }
            int at = 19;
            long ticks = 0;
            if (text[at] == '.')
            {
                int first = ++at;
                for (long unit = TimeSpan.TicksPerSecond / 10; at < text.Length && IsDigit(text[at]); at++, unit /= 10)
                {
                    ticks += unit * (text[at] - '0');
                }
                if (at == first) return null;
            }
            string zone = text.Substring(at);
            int sign = zone.StartsWith("-", StringComparison.Ordinal) ? -1 : 1;
            if (zone != "Z" && zone != "z" && (zone.Length != 6 || "+-".IndexOf(zone[0]) < 0 || zone[3] != ':' ||
                !Digits(zone, 1, 2, out offsetHour) || !Digits(zone, 4, 2, out offsetMinute) || offsetMinute > 59))
            {
                return null;
            }
            try
            {
                // A leap second counts as the second after it.
                DateTime local = new DateTime(year, month, day, hour, minute, Math.Min(second, 59))
                    .AddSeconds(second == 60 ? 1 : 0).AddTicks(ticks);
                return second > 60 ? (DateTimeOffset?)null
                    : new DateTimeOffset(local, new TimeSpan(sign * offsetHour, sign * offsetMinute, 0));
            }
            catch (ArgumentException)
            {
                return null;
            }
        }

        private static bool IsDigit(char c)
        {
            return c >= '0' && c <= '9';
        }

        private static bool Digits(string text, int from, int count, out int number)
        {
            number = 0;
            for (int i = from; i < from + count; i++)
            {
                if (!IsDigit(text[i])) return false;
                number = number * 10 + (text[i] - '0');
            }
            return true;
        }
    }
}
