using System;
using System.Collections.Generic;
using System.IO;
using System.Runtime.InteropServices;
using System.Text;

namespace Upscope
{
    /// <summary>
    /// The functions and handles of the C library, and conversion to and from UTF-8.
    /// </summary>
    internal static unsafe class Native
    {
        private const string Library = "upscope";

        [UnmanagedFunctionPointer(CallingConvention.Cdecl)]
        internal delegate void Done(IntPtr userData, int status, IntPtr responseJson);

        [UnmanagedFunctionPointer(CallingConvention.Cdecl)]
        internal delegate void Log(IntPtr userData, int level, IntPtr message);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl, ExactSpelling = true)]
        internal static extern int upscope_client_new(byte[] configJson, out ClientHandle client, out IntPtr errorJson);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl, ExactSpelling = true)]
        private static extern void upscope_client_free(IntPtr client);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl, ExactSpelling = true)]
        internal static extern void upscope_client_close(ClientHandle client);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl, ExactSpelling = true)]
        internal static extern int upscope_connection_info(ClientHandle client, out IntPtr json);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl, ExactSpelling = true)]
        internal static extern void upscope_client_set_logger(ClientHandle client, Log log, IntPtr userData, int maxLevel);

        // For a handle that is being released.
        [DllImport(Library, EntryPoint = "upscope_client_set_logger", CallingConvention = CallingConvention.Cdecl,
            ExactSpelling = true)]
        private static extern void upscope_client_remove_logger(IntPtr client, IntPtr log, IntPtr userData, int maxLevel);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl, ExactSpelling = true)]
        internal static extern int upscope_call(ClientHandle client, byte[] operation, byte[] requestJson,
            out IntPtr responseJson);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl, ExactSpelling = true)]
        internal static extern int upscope_sessions_open(ClientHandle client, byte[] requestJson,
            out SessionsHandle pages, out IntPtr errorJson);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl, ExactSpelling = true)]
        internal static extern int upscope_sessions_next(SessionsHandle pages, out IntPtr pageJson);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl, ExactSpelling = true)]
        internal static extern int upscope_sessions_start_next(SessionsHandle pages, Done done, IntPtr userData,
            out PendingHandle pending, out IntPtr errorJson);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl, ExactSpelling = true)]
        internal static extern void upscope_sessions_prefetch(SessionsHandle pages, int on);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl, ExactSpelling = true)]
        private static extern void upscope_sessions_free(IntPtr pages);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl, ExactSpelling = true)]
        internal static extern int upscope_start(ClientHandle client, byte[] operation, byte[] requestJson,
            Done done, IntPtr userData, out PendingHandle pending, out IntPtr errorJson);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl, ExactSpelling = true)]
        internal static extern int upscope_pending_wait(PendingHandle pending, uint timeoutMs, out IntPtr responseJson);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl, ExactSpelling = true)]
        internal static extern void upscope_pending_cancel(PendingHandle pending);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl, ExactSpelling = true)]
        private static extern void upscope_pending_free(IntPtr pending);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl, ExactSpelling = true)]
        internal static extern int upscope_parse_webhook(byte[] body, out IntPtr sessionJson);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl, ExactSpelling = true)]
        private static extern void upscope_string_free(IntPtr text);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl, ExactSpelling = true)]
        internal static extern void upscope_set_logger(Log log, IntPtr userData, int maxLevel);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl, ExactSpelling = true)]
        private static extern IntPtr upscope_version();

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl, ExactSpelling = true)]
        private static extern IntPtr upscope_operations();

        [DllImport("kernel32", CharSet = CharSet.Unicode, ExactSpelling = true, SetLastError = true)]
        private static extern IntPtr LoadLibraryW(string path);

        // Throws for an unpaired surrogate instead of replacing it.
        private static readonly Encoding StrictUtf8 = new UTF8Encoding(false, true);

        private static readonly object Gate = new object();
        private static bool loaded;

        internal static string Version()
        {
            Load();
            return Read(upscope_version());
        }

        internal static string Operations()
        {
            Load();
            return Read(upscope_operations());
        }

        /// <summary>Loads the library. The exception says what to do if it cannot be loaded.</summary>
        internal static void Load()
        {
            lock (Gate)
            {
                if (loaded) return;
                string bits = IntPtr.Size == 8 ? "64" : "32";
                if (Environment.OSVersion.Platform == PlatformID.Win32NT) LoadNextToProgram();
                try
                {
                    upscope_version();
                }
                catch (DllNotFoundException error)
                {
                    throw new DllNotFoundException("The " + bits + "-bit upscope library was not found: put upscope.dll " +
                        "(libupscope.so on Linux) beside the program, or where the system looks for libraries. " +
                        error.Message, error);
                }
                catch (BadImageFormatException error)
                {
                    throw new BadImageFormatException("The upscope library that was found is not for this " + bits +
                        "-bit process: use the other build of upscope.dll, or build the program for its platform.",
                        error);
                }
                loaded = true;
            }
        }

        // An "Any CPU" program can run as a 32-bit or a 64-bit process, so it has the folders x86 and x64.
        private static void LoadNextToProgram()
        {
            string folder = IntPtr.Size == 8 ? "x64" : "x86";
            string assembly = typeof(Native).Assembly.Location;
            string[] places = { AppDomain.CurrentDomain.BaseDirectory,
                string.IsNullOrEmpty(assembly) ? null : Path.GetDirectoryName(assembly) };
            foreach (string place in places)
            {
                if (place == null) continue;
                string file = Path.Combine(Path.Combine(place, folder), "upscope.dll");
                // A loaded library is found by its name.
                if (File.Exists(file) && LoadLibraryW(file) != IntPtr.Zero) return;
            }
        }

        /// <summary>Text for the library, or null. Text that is not valid in UTF-8 or C is refused.</summary>
        internal static byte[] Utf8(string text, string what)
        {
            if (text == null) return null;
            int nul = text.IndexOf('\0');
            if (nul >= 0)
            {
                // The library would read only the text before it.
                throw InvalidArgumentException.Create(what + " holds a NUL character, at position " + nul + ".");
            }
            try
            {
                byte[] bytes = new byte[StrictUtf8.GetByteCount(text) + 1];
                StrictUtf8.GetBytes(text, 0, text.Length, bytes, 0);
                return bytes;
            }
            catch (EncoderFallbackException error)
            {
                throw InvalidArgumentException.Create(what + " is not valid Unicode: half of a surrogate pair at position " +
                    error.Index + ".");
            }
        }

        /// <summary>UTF-8 bytes with a terminating NUL.</summary>
        internal static byte[] Terminated(byte[] bytes, string what)
        {
            int nul = Array.IndexOf(bytes, (byte)0);
            if (nul >= 0) throw InvalidArgumentException.Create(what + " holds a NUL byte, at position " + nul + ".");
            byte[] text = new byte[bytes.Length + 1];
            Buffer.BlockCopy(bytes, 0, text, 0, bytes.Length);
            return text;
        }

        /// <summary>Copies a text of the library.</summary>
        internal static string Read(IntPtr text)
        {
            if (text == IntPtr.Zero) return null;
            byte* start = (byte*)text;
            byte* end = start;
            while (*end != 0) end++;
            return end == start ? "" : new string((sbyte*)start, 0, checked((int)(end - start)), StrictUtf8);
        }

        /// <summary>Copies a text that the library returned, and frees it.</summary>
        internal static string Take(IntPtr text)
        {
            try
            {
                return Read(text);
            }
            finally
            {
                upscope_string_free(text);
            }
        }

        /// <summary>
        /// A handle of the library. It is freed when nothing uses it any more, even if it is disposed during a
        /// call.
        /// </summary>
        internal abstract class Handle : SafeHandle
        {
            // At exit, Mono waits for all threads that have called managed code. The threads of the library end when the
            // handles are freed.
            private static readonly bool IsMono = Type.GetType("Mono.Runtime") != null;
            private static readonly List<WeakReference> Alive = new List<WeakReference>();
            private static int capacity = 64;

            static Handle()
            {
                if (IsMono) AppDomain.CurrentDomain.ProcessExit += delegate { DisposeAll(); };
            }

            protected Handle() : base(IntPtr.Zero, true)
            {
                if (!IsMono) return;
                lock (Alive)
                {
                    if (Alive.Count >= capacity)
                    {
                        Alive.RemoveAll(handle => !handle.IsAlive);
                        capacity = 2 * Alive.Count + 64;
                    }
                    Alive.Add(new WeakReference(this));
                }
            }

            public override bool IsInvalid
            {
                get { return handle == IntPtr.Zero; }
            }

            private static void DisposeAll()
            {
                lock (Alive)
                {
                    foreach (WeakReference reference in Alive)
                    {
                        Handle handle = reference.Target as Handle;
                        if (handle != null) handle.Dispose();
                    }
                }
            }
        }

        internal sealed class ClientHandle : Handle
        {
            /// <summary>The log function of this client, or null.</summary>
            internal volatile Action<UpscopeLogLevel, string> Log;

            /// <summary>The number that the library passes to ClientLogger; 0 if it has none.</summary>
            internal int LogNumber;

            protected override bool ReleaseHandle()
            {
                if (LogNumber != 0)
                {
                    // Started calls may continue without the client.
                    upscope_client_remove_logger(handle, IntPtr.Zero, IntPtr.Zero, 0);
                    ClientLogger.Remove(LogNumber);
                }
                upscope_client_free(handle);
                return true;
            }
        }

        internal sealed class SessionsHandle : Handle
        {
            protected override bool ReleaseHandle()
            {
                upscope_sessions_free(handle);
                return true;
            }
        }

        internal sealed class PendingHandle : Handle
        {
            private GCHandle userData;

            /// <summary>Keeps the argument of the callback alive as long as the callback can run.</summary>
            internal void Keep(GCHandle argument)
            {
                userData = argument;
            }

            protected override bool ReleaseHandle()
            {
                upscope_pending_free(handle);
                // The callback cannot run any more.
                if (userData.IsAllocated) userData.Free();
                return true;
            }
        }
    }
}
