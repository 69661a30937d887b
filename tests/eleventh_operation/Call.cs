using System;
using Upscope;

internal static class Call
{
    private static void Main()
    {
        using (UpscopeClient client = new UpscopeClient())
        {
            RenameVisitorRequest request = new RenameVisitorRequest
            {
                VisitorId = "1234", Name = "Ann Lee", Renamer = new Renamer("7"), Reason = "She asked for it."
            };
            Console.WriteLine(client.RenameVisitor(request).Name);
        }
    }
}
