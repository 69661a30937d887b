using System;
using System.Collections.Generic;

namespace Upscope
{
    /// <summary>
    /// The log functions of single clients. The library has only a number for each client: a started call may write
    /// a line after its client was freed, and a number that no client has any more is ignored.
    /// </summary>
    internal static class ClientLogger
    {
        // Static, so that it is not collected while the library can call it.
        private static readonly Native.Log OnLog = HandleLogLine;
        // Weak, so that an abandoned client is collected even if its log function refers to it.
        private static readonly Dictionary<int, WeakReference> Clients = new Dictionary<int, WeakReference>();
        private static int lastNumber;

        static ClientLogger()
        {
            // The library must not call an unloaded application domain.
            AppDomain.CurrentDomain.DomainUnload += delegate { StopAll(); };
            AppDomain.CurrentDomain.ProcessExit += delegate { StopAll(); };
        }

        internal static void Set(Native.ClientHandle client, Action<UpscopeLogLevel, string> log, UpscopeLogLevel maxLevel)
        {
            if (log == null)
            {
                Native.upscope_client_set_logger(client, null, IntPtr.Zero, 0);
                client.Log = null;
                return;
            }
            client.Log = log;
            Native.upscope_client_set_logger(client, OnLog, (IntPtr)Number(client), (int)maxLevel);
        }

        private static int Number(Native.ClientHandle client)
        {
            // The library is not called with this lock, because it waits for log functions.
            lock (Clients)
            {
                if (client.LogNumber == 0)
                {
                    client.LogNumber = ++lastNumber;
                    Clients.Add(client.LogNumber, new WeakReference(client));
                }
                return client.LogNumber;
            }
        }

        /// <summary>Forgets a client that is being freed.</summary>
        internal static void Remove(int number)
        {
            lock (Clients) Clients.Remove(number);
        }

        // Runs on the thread that makes the call.
        private static void HandleLogLine(IntPtr userData, int level, IntPtr message)
        {
            try
            {
                WeakReference reference;
                lock (Clients)
                {
                    if (!Clients.TryGetValue((int)userData, out reference)) return;
                }
                Native.ClientHandle client = reference.Target as Native.ClientHandle;
                Action<UpscopeLogLevel, string> log = client == null ? null : client.Log;
                if (log != null) log((UpscopeLogLevel)level, Native.Read(message));
            }
            catch (Exception)
            {
                // An exception must not reach the library.
            }
        }

        private static void StopAll()
        {
            WeakReference[] all;
            lock (Clients)
            {
                all = new WeakReference[Clients.Count];
                Clients.Values.CopyTo(all, 0);
            }
            foreach (WeakReference reference in all)
            {
                Native.ClientHandle client = reference.Target as Native.ClientHandle;
                try
                {
                    if (client != null) Native.upscope_client_set_logger(client, null, IntPtr.Zero, 0);
                }
                catch (ObjectDisposedException)
                {
                    // The client has been freed.
                }
            }
        }
    }
}
