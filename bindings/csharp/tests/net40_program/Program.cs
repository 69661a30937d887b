using System;
using Upscope;

internal static class Program
{
    private static void Main()
    {
        Console.WriteLine(new Visitor(JsonValue.Parse("{\"short_id\":\"1234\"}")).ShortId);
    }
}
