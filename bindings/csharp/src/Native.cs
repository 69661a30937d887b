using System;
using System.Collections.Generic;
using System.IO;
using System.Runtime.InteropServices;
using System.Text;

namespace Upscope
{
    /// <summary>
    /// The C library: its functions, its handles, and text as UTF-8, written and read by hand.
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
            Done done,
            IntPtr userData, out PendingHandle pending, out IntPtr errorJson);

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

        // Half of a surrogate pair must not become something else in silence.
        private static readonly Encoding StrictUtf8 = new UTF8Encoding(false, true);

        private static readonly object Gate = new object();
        private static bool found;

        internal static string Version()
        {
            Find();
            return Read(upscope_version());
        }

        internal static string Operations()
        {
            Find();
            return Read(upscope_operations());
        }

        /// <summary>Has the library loaded, or says in a sentence why it cannot be.</summary>
        internal static void Find()
        {
            lock (Gate)
            {
                if (found) return;
                string bits = IntPtr.Size == 8 ? "64" : "32";
                if (Environment.OSVersion.Platform == PlatformID.Win32NT) LoadBesideProgram();
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
                found = true;
            }
        }

        // A program for "Any CPU" does not know before it runs which of the two it needs: x86\ and x64\ lie beside it.
        private static void LoadBesideProgram()
        {
            string folder = IntPtr.Size == 8 ? "x64" : "x86";
            string assembly = typeof(Native).Assembly.Location;
            string[] places = { AppDomain.CurrentDomain.BaseDirectory,
                string.IsNullOrEmpty(assembly) ? null : Path.GetDirectoryName(assembly) };
            foreach (string place in places)
            {
                if (place == null) continue;
                string file = Path.Combine(Path.Combine(place, folder), "upscope.dll");
                // What is loaded once is then found by its name alone.
                if (File.Exists(file) && LoadLibraryW(file) != IntPtr.Zero) return;
            }
        }

        /// <summary>Text for the library. Null stays null; what UTF-8 or C cannot hold is refused.</summary>
        internal static byte[] Utf8(string text, string what)
        {
            if (text == null) return null;
            int zero = text.IndexOf('\0');
            if (zero >= 0)
            {
                // The library would read up to it and take a part for the whole.
                throw InvalidArgumentException.Of(what + " holds a NUL character, at position " + zero + ".");
            }
            try
            {
                byte[] bytes = new byte[StrictUtf8.GetByteCount(text) + 1];
                StrictUtf8.GetBytes(text, 0, text.Length, bytes, 0);
                return bytes;
            }
            catch (EncoderFallbackException error)
            {
                throw InvalidArgumentException.Of(what + " is no Unicode text: half of a surrogate pair at position " +
                    error.Index + ".");
            }
        }

        /// <summary>Bytes that came as UTF-8, with the NUL that the library needs.</summary>
        internal static byte[] Terminated(byte[] bytes, string what)
        {
            int zero = Array.IndexOf(bytes, (byte)0);
            if (zero >= 0) throw InvalidArgumentException.Of(what + " holds a NUL byte, at position " + zero + ".");
            byte[] text = new byte[bytes.Length + 1];
            Buffer.BlockCopy(bytes, 0, text, 0, bytes.Length);
            return text;
        }

        /// <summary>Reads a text of the library's.</summary>
        internal static string Read(IntPtr text)
        {
            if (text == IntPtr.Zero) return null;
            byte* start = (byte*)text;
            byte* end = start;
            while (*end != 0) end++;
            return end == start ? "" : new string((sbyte*)start, 0, checked((int)(end - start)), StrictUtf8);
        }

        /// <summary>Reads a text that the library handed out, and gives it back.</summary>
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
        /// What the library handed out, freed when nobody uses it any more, also when a call that has it
        /// still runs.
        /// </summary>
        internal abstract class Handle : SafeHandle
        {
            // When a program ends, Mono waits for every thread that ever called into it, and those of the library end
            // with what they work for.
            private static readonly bool IsMono = Type.GetType("Mono.Runtime") != null;
            private static readonly List<WeakReference> Alive = new List<WeakReference>();
            private static int room = 64;

            static Handle()
            {
                if (IsMono) AppDomain.CurrentDomain.ProcessExit += delegate { EndAll(); };
            }

            protected Handle() : base(IntPtr.Zero, true)
            {
                if (!IsMono) return;
                lock (Alive)
                {
                    if (Alive.Count >= room)
                    {
                        Alive.RemoveAll(one => !one.IsAlive);
                        room = 2 * Alive.Count + 64;
                    }
                    Alive.Add(new WeakReference(this));
                }
            }

            public override bool IsInvalid
            {
                get { return handle == IntPtr.Zero; }
            }

            private static void EndAll()
            {
                lock (Alive)
                {
                    foreach (WeakReference one in Alive)
                    {
                        Handle left = one.Target as Handle;
                        if (left != null) left.Dispose();
                    }
                }
            }
        }

        internal sealed class ClientHandle : Handle
        {
            protected override bool ReleaseHandle()
            {
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
            private GCHandle told;

            /// <summary>What the callback is given lives as long as the callback can run.</summary>
            internal void Keep(GCHandle userData)
            {
                told = userData;
            }

            protected override bool ReleaseHandle()
            {
                upscope_pending_free(handle);
                // Now the callback runs no more.
                if (told.IsAllocated) told.Free();
                return true;
            }
        }
    }
}
