using System;
using System.Collections.Generic;
using System.IO;
using System.Reflection;
using System.Text;
using System.Threading;
using Upscope;

/// <summary>
/// Runs the conformance vectors (tests/vectors/README.md): reads lines "operation TAB configuration TAB request" and
/// writes lines "status TAB text". Calls the typed methods, unless a request does not fit them. With --async, as tasks.
/// </summary>
internal static class ConformanceExecutor
{
    private static bool asTasks;
    private static int typedCalls, textCalls;

    private static int Main(string[] arguments)
    {
        asTasks = Array.IndexOf(arguments, "--async") >= 0;
        Encoding utf8 = new UTF8Encoding(false, true);
        StreamReader input = new StreamReader(Console.OpenStandardInput(), utf8);
        StreamWriter output = new StreamWriter(Console.OpenStandardOutput(), utf8) { NewLine = "\n" };
        for (string line = input.ReadLine(); line != null; line = input.ReadLine())
        {
            string[] parts = line.Split(new[] { '\t' }, 3);
            int status;
            string text = Run(parts[0], parts[1], parts[2], out status);
            output.WriteLine(status + "\t" + text.Replace("\\", "\\\\").Replace("\n", "\\n").Replace("\r", "\\r")
                .Replace("\t", "\\t"));
            output.Flush();
        }
        Console.Error.WriteLine("typed calls: {0}, calls with JSON text: {1}", typedCalls, textCalls);
        // If most calls were not typed, the vectors would not test what programs use.
        return typedCalls > textCalls ? 0 : 1;
    }

    private static string Run(string operation, string configuration, string request, out int status)
    {
        try
        {
            status = 0;
            if (operation == "@parse_webhook") return UpscopeClient.ParseWebhook(request).Json.Document;
            using (UpscopeClient client = new UpscopeClient(Configuration(JsonValue.Parse(configuration))))
            {
                if (operation == "@pages")
                {
                    string pages = Pages(client, request);
                    status = (int)UpscopeStatus.Done;
                    return pages;
                }
                return Call(client, operation, request);
            }
        }
        catch (UpscopeException error)
        {
            status = (int)error.Status;
            return "{\"error\":" + error.ToJson() + "}";
        }
    }

    private static string Call(UpscopeClient client, string operation, string request)
    {
        MethodInfo method = typeof(UpscopeClient).GetMethod(TypedRequest.Pascal(operation) + (asTasks ? "Async" : ""));
        object[] arguments = TypedRequest.Arguments(method, request);
        if (arguments == null)
        {
            textCalls++;
            return asTasks ? (string)Result(client.CallAsync(operation, request)) : client.Call(operation, request);
        }
        typedCalls++;
        object result = Invoke(method, client, arguments);
        if (asTasks) result = Result(result);
        JsonValue json = result as JsonValue ?? (JsonValue)result.GetType().GetProperty("Json").GetValue(result, null);
        return json.Document;
    }

    private static string Pages(UpscopeClient client, string request)
    {
        MethodInfo open = typeof(UpscopeClient).GetMethod("OpenSessions", new[] { typeof(SessionFilter), typeof(CallOptions) });
        object[] arguments = TypedRequest.Arguments(open, request);
        StringBuilder all = new StringBuilder();
        using (SessionPages pages = arguments == null ? client.OpenSessions(request)
            : (SessionPages)Invoke(open, client, arguments))
        {
            for (; ; )
            {
                SessionPage page = asTasks ? (SessionPage)Result(pages.NextAsync()) : pages.Next();
                if (page == null) return "[" + all + "]";
                if (all.Length > 0) all.Append(',');
                all.Append(page.Json.Document);
            }
        }
    }

    private static UpscopeConfiguration Configuration(JsonValue json)
    {
        UpscopeConfiguration configuration = new UpscopeConfiguration();
        Dictionary<string, object> further = new Dictionary<string, object>();
        foreach (string key in json.Names)
        {
            if (!TypedRequest.Set(configuration, key, json[key])) further[key] = json[key];
        }
        configuration.Further = further;
        return configuration;
    }

    private static object Invoke(MethodInfo method, UpscopeClient client, object[] arguments)
    {
        try
        {
            return method.Invoke(client, arguments);
        }
        catch (TargetInvocationException error)
        {
            throw Cause(error);
        }
    }

    private static object Result(object task)
    {
        try
        {
            return task.GetType().GetProperty("Result").GetValue(task, null);
        }
        catch (TargetInvocationException error)
        {
            throw Cause(error);
        }
    }

    private static Exception Cause(Exception error)
    {
        for (Exception inner = error; inner != null; inner = inner.InnerException)
        {
            if (inner is UpscopeException) return inner;
        }
        return error;
    }
}

/// <summary>Turns the JSON of a request into arguments of a method, by the names of its parameters and properties.</summary>
internal static class TypedRequest
{
    /// <summary>A request that the types of the method cannot express. It is sent as text.</summary>
    private sealed class DoesNotFitException : Exception { }

    /// <summary>The arguments of a method. Null if the request does not fit it.</summary>
    internal static object[] Arguments(MethodInfo method, string request)
    {
        try
        {
            Keys keys = new Keys(JsonValue.Parse(request));
            List<object> arguments = new List<object>();
            // Last the request, which takes the keys that are not parameters themselves.
            foreach (ParameterInfo parameter in method.GetParameters())
            {
                if (parameter.ParameterType == typeof(CancellationToken)) arguments.Add(CancellationToken.None);
                else if (IsRequest(parameter)) arguments.Add(null);
                else arguments.Add(keys.Take(parameter.Name, parameter.ParameterType));
            }
            int at = Array.FindIndex(method.GetParameters(), IsRequest);
            if (at >= 0) arguments[at] = Create(method.GetParameters()[at].ParameterType, keys);
            return keys.AllTaken ? arguments.ToArray() : null;
        }
        catch (DoesNotFitException)
        {
            return null;
        }
        catch (FormatException)
        {
            // It is not JSON.
            return null;
        }
    }

    /// <summary>Sets the property of a key. False if the property does not exist or has another type.</summary>
    internal static bool Set(object target, string key, JsonValue value)
    {
        PropertyInfo property = Array.Find(target.GetType().GetProperties(), one => Key(one.Name, one.PropertyType) == key);
        try
        {
            if (property != null) property.SetValue(target, Value(property.PropertyType, value), null);
            return property != null;
        }
        catch (DoesNotFitException)
        {
            return false;
        }
    }

    /// <summary>"VisitorId" for "visitor_id".</summary>
    internal static string Pascal(string key)
    {
        string[] words = key.Split('_');
        for (int i = 0; i < words.Length; i++) words[i] = char.ToUpperInvariant(words[i][0]) + words[i].Substring(1);
        return string.Concat(words);
    }

    // The key of a parameter or property. Durations are of type TimeSpan, so their names have no unit.
    private static string Key(string name, Type type)
    {
        StringBuilder key = new StringBuilder();
        foreach (char c in name)
        {
            if (char.IsUpper(c) && key.Length > 0) key.Append('_');
            key.Append(char.ToLowerInvariant(c));
        }
        return key + ((Nullable.GetUnderlyingType(type) ?? type) == typeof(TimeSpan) ? "_ms" : "");
    }

    private static bool IsRequest(ParameterInfo parameter)
    {
        return parameter.Name == "request" || parameter.Name == "filter";
    }

    private static object Create(Type type, Keys keys)
    {
        ConstructorInfo constructor = type.GetConstructors()[0];
        List<object> arguments = new List<object>();
        foreach (ParameterInfo parameter in constructor.GetParameters())
        {
            arguments.Add(keys.Take(parameter.Name, parameter.ParameterType));
        }
        object created = constructor.Invoke(arguments.ToArray());
        foreach (PropertyInfo property in type.GetProperties())
        {
            if (property.GetSetMethod() != null)
            {
                property.SetValue(created, keys.Take(property.Name, property.PropertyType), null);
            }
        }
        return created;
    }

    private static object Value(Type type, JsonValue json)
    {
        type = Nullable.GetUnderlyingType(type) ?? type;
        object value = null;
        if (type == typeof(string) && json.Kind == JsonKind.String) value = json.AsString;
        else if (type == typeof(bool)) value = json.AsBoolean;
        else if (type == typeof(long)) value = json.AsInt64;
        else if (type == typeof(int) && json.AsInt64 == (int?)json.AsInt64) value = (int?)json.AsInt64;
        else if (type == typeof(TimeSpan) && json.AsInt64 != null) value = TimeSpan.FromMilliseconds(json.AsInt64.Value);
        else if (type == typeof(DateTimeOffset)) value = json.AsDate;
        else if (type == typeof(object)) value = json;
        else if (type.IsEnum) value = Choice(type, json);
        else if (json.Kind == JsonKind.Object && type == typeof(IDictionary<string, object>)) value = Members(json);
        else if (json.Kind == JsonKind.Object && type.Namespace == "Upscope")
        {
            Keys keys = new Keys(json);
            value = Create(type, keys);
            if (!keys.AllTaken) throw new DoesNotFitException();
        }
        if (value == null) throw new DoesNotFitException();
        return value;
    }

    // A boolean, or a word.
    private static object Choice(Type type, JsonValue json)
    {
        if (json.AsBoolean != null) return Enum.Parse(type, json.AsBoolean.Value ? "Yes" : "No");
        string name = Array.Find(Enum.GetNames(type), one => Key(one, type) == json.AsString);
        return name == null || name == "Yes" || name == "No" ? null : Enum.Parse(type, name);
    }

    private static IDictionary<string, object> Members(JsonValue json)
    {
        Dictionary<string, object> members = new Dictionary<string, object>();
        foreach (string name in json.Names)
        {
            if (members.ContainsKey(name)) throw new DoesNotFitException();
            members.Add(name, json[name]);
        }
        return members;
    }

    /// <summary>The keys of an object that were not taken yet. Null counts as left out.</summary>
    private sealed class Keys
    {
        private readonly IDictionary<string, object> left;

        internal Keys(JsonValue json)
        {
            if (json.Kind != JsonKind.Object) throw new DoesNotFitException();
            left = Members(json);
        }

        internal bool AllTaken
        {
            get { return left.Count == 0; }
        }

        internal object Take(string name, Type type)
        {
            string key = Key(name, type);
            object found;
            left.TryGetValue(key, out found);
            left.Remove(key);
            JsonValue json = (JsonValue)found;
            if (json != null && !json.IsNull) return Value(type, json);
            bool optional = !type.IsValueType || Nullable.GetUnderlyingType(type) != null;
            if (!optional) throw new DoesNotFitException();
            return null;
        }
    }
}
