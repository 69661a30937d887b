using System;
using System.Collections.Generic;
using System.Threading;
using System.Threading.Tasks;
using Upscope;

/// <summary>
/// Tests of EnumerateSessionsAsync with a sandbox, for the assembly for .NET Standard 2.1. Mono's compiler has no
/// `await foreach`, so the tests call the enumerators.
/// </summary>
internal static class SessionStreamTests
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(10);
    private static int checks, failures;

    private static int Main()
    {
        Func<Task>[] tests = { AllSessions, NoSessions, StoppingEarly, Tokens, TokenDuringACall, Errors, Fakes };
        foreach (Func<Task> test in tests)
        {
            try
            {
                Control("POST", "/reset");
                Check(test().Wait(TimeSpan.FromSeconds(30)), test.Method.Name + " did not end");
            }
            catch (Exception error)
            {
                Check(false, test.Method.Name + ": " + error);
            }
        }
        Console.WriteLine("csharp session streams: {0} checks, {1} failed", checks, failures);
        return failures == 0 && checks > 25 ? 0 : 1;
    }

    private static void Check(bool right, string what)
    {
        checks++;
        if (right) return;
        failures++;
        Console.WriteLine("FAILED: " + what);
    }

    private static UpscopeClient Client()
    {
        return new UpscopeClient(new UpscopeConfiguration { ApiKey = "sandbox-key", Timeout = Timeout, MaxRetries = 0 });
    }

    private static JsonValue Control(string method, string path, string json = null)
    {
        UpscopeConfiguration settings = new UpscopeConfiguration
        {
            ApiKey = "none", BaseUrl = Environment.GetEnvironmentVariable("UPSCOPE_SANDBOX_CONTROL")
        };
        using (UpscopeClient control = new UpscopeClient(settings))
        {
            return control.Request(method, path, body: json == null ? null : JsonValue.Parse(json));
        }
    }

    private static int Requests()
    {
        return Control("GET", "/requests")["requests"].Count;
    }

    private static async Task<List<string>> Ids(IAsyncEnumerable<Session> sessions)
    {
        List<string> ids = new List<string>();
        IAsyncEnumerator<Session> enumerator = sessions.GetAsyncEnumerator();
        try
        {
            while (await enumerator.MoveNextAsync()) ids.Add(enumerator.Current.Id);
        }
        finally
        {
            await enumerator.DisposeAsync();
        }
        return ids;
    }

    private static async Task<Exception> Failure(Task task)
    {
        try
        {
            await task;
            return null;
        }
        catch (Exception error)
        {
            return error;
        }
    }

    private static async Task<bool> IsCancelled(ValueTask<bool> task)
    {
        return await Failure(task.AsTask()) is OperationCanceledException;
    }

    private static async Task AllSessions()
    {
        using (UpscopeClient client = Client())
        {
            List<string> ids = new List<string>();
            foreach (Session session in client.EnumerateSessions()) ids.Add(session.Id);
            Check(ids.Count > 100, ids.Count + " sessions");
            IAsyncEnumerable<Session> stream = client.EnumerateSessionsAsync();
            string expected = string.Join(",", ids);
            Check(string.Join(",", await Ids(stream)) == expected, "the same sessions");
            Check(string.Join(",", await Ids(stream)) == expected, "the same stream again");
            Check(string.Join(",", await Ids(client.EnumerateSessionsAsync(prefetch: true))) == expected, "with prefetch");
            SessionFilter last = new SessionFilter { AfterId = ids[ids.Count - 3] };
            Check((await Ids(client.EnumerateSessionsAsync(last))).Count == 2, "after an id");
        }
    }

    private static async Task NoSessions()
    {
        using (UpscopeClient client = Client())
        {
            SessionFilter future = new SessionFilter { UpdatedAfter = DateTimeOffset.UtcNow.AddYears(1) };
            IAsyncEnumerator<Session> sessions = client.EnumerateSessionsAsync(future).GetAsyncEnumerator();
            Check(sessions.Current == null, "before the first");
            Check(!await sessions.MoveNextAsync() && !await sessions.MoveNextAsync(), "no session");
            Check(sessions.Current == null, "after the last");
            await sessions.DisposeAsync();
        }
    }

    private static async Task StoppingEarly()
    {
        using (UpscopeClient client = Client())
        {
            IAsyncEnumerable<Session> stream = client.EnumerateSessionsAsync();
            Control("POST", "/requests/clear");
            IAsyncEnumerator<Session> unused = stream.GetAsyncEnumerator();
            await unused.DisposeAsync();
            Check(Requests() == 0, "an enumerator that was not used sends nothing");
            IAsyncEnumerator<Session> sessions = stream.GetAsyncEnumerator();
            Check(await sessions.MoveNextAsync() && await sessions.MoveNextAsync(), "two sessions");
            await sessions.DisposeAsync();
            await sessions.DisposeAsync();
            Check(!await sessions.MoveNextAsync(), "after the end");
            Check(Requests() == 1, "one page was fetched");
        }
    }

    private static async Task Tokens()
    {
        using (UpscopeClient client = Client())
        {
            CancellationToken cancelled = new CancellationToken(true);
            Control("POST", "/requests/clear");
            IAsyncEnumerator<Session> first = client.EnumerateSessionsAsync(cancellationToken: cancelled).GetAsyncEnumerator();
            Check(await IsCancelled(first.MoveNextAsync()), "the token of the method");
            IAsyncEnumerator<Session> second = client.EnumerateSessionsAsync().GetAsyncEnumerator(cancelled);
            Check(await IsCancelled(second.MoveNextAsync()), "the token of the enumerator");
            Check(Requests() == 0, "nothing was sent");
            await first.DisposeAsync();
            await second.DisposeAsync();

            CancellationTokenSource stop = new CancellationTokenSource();
            IAsyncEnumerator<Session> third = client.EnumerateSessionsAsync(cancellationToken: stop.Token)
                .GetAsyncEnumerator(new CancellationTokenSource().Token);
            Check(await third.MoveNextAsync(), "not cancelled");
            stop.Cancel();
            Check(await IsCancelled(third.MoveNextAsync()), "within a page");
            await third.DisposeAsync();
        }
    }

    private static async Task TokenDuringACall()
    {
        using (UpscopeClient client = Client())
        {
            for (int which = 0; which < 2; which++)
            {
                Control("POST", "/reset");
                Control("POST", "/faults", "[{\"delay_ms\":30000}]");
                CancellationTokenSource stop = new CancellationTokenSource();
                IAsyncEnumerator<Session> sessions = which == 0
                    ? client.EnumerateSessionsAsync(cancellationToken: stop.Token).GetAsyncEnumerator()
                    : client.EnumerateSessionsAsync().GetAsyncEnumerator(stop.Token);
                ValueTask<bool> next = sessions.MoveNextAsync();
                DateTime end = DateTime.UtcNow + Timeout;
                while (Requests() < 1 && DateTime.UtcNow < end) Thread.Sleep(5);
                Check(!next.IsCompleted, "the call is running");
                DateTime start = DateTime.UtcNow;
                stop.Cancel();
                Check(await IsCancelled(next), "the running call");
                Check((DateTime.UtcNow - start).TotalSeconds < 2, "soon");
                await sessions.DisposeAsync();
            }
        }
    }

    private static async Task Errors()
    {
        using (UpscopeClient client = Client())
        {
            List<string> ids = await Ids(client.EnumerateSessionsAsync());
            Control("POST", "/faults", "[{\"status\":500,\"body\":\"\"}]");
            IAsyncEnumerator<Session> sessions = client.EnumerateSessionsAsync().GetAsyncEnumerator();
            Check(await Failure(sessions.MoveNextAsync().AsTask()) is ServerException, "a failing page");
            Check(await sessions.MoveNextAsync() && sessions.Current.Id == ids[0], "the same page again");
            await sessions.DisposeAsync();
            client.Dispose();
            Check(await Failure(Ids(client.EnumerateSessionsAsync())) is ObjectDisposedException, "a disposed client");
        }
    }

    private sealed class NothingMore : FakeUpscopeClient { }

    private static Task Fakes()
    {
        IUpscopeClient fake = new NothingMore();
        try
        {
            fake.EnumerateSessionsAsync();
            Check(false, "not overridden");
        }
        catch (NotImplementedException error)
        {
            Check(error.Message.Contains("EnumerateSessionsAsync"), error.Message);
        }
        return Task.CompletedTask;
    }
}
