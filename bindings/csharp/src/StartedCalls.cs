using System;
using System.Runtime.InteropServices;
using System.Threading;
using System.Threading.Tasks;

namespace Upscope
{
    /// <summary>Starts something in the library.</summary>
    internal delegate int Starter(Native.Done done, IntPtr userData, out Native.PendingHandle pending, out IntPtr error);

    /// <summary>A started call as a task.</summary>
    internal abstract class StartedTask
    {
        // Static, so that it is not collected while the library may call it.
        private static readonly Native.Done OnDone = Told;

        private readonly object starting = new object();
        private readonly CancellationToken token;
        private CancellationTokenRegistration registration;
        private Native.PendingHandle pending;
        private int status;
        private string text;
        private Exception failure;

        protected StartedTask(CancellationToken token)
        {
            this.token = token;
        }

        protected abstract void Succeed(string answer);

        protected abstract void Fail(Exception error);

        protected abstract void Cancel();

        protected void Begin(Starter start)
        {
            if (token.IsCancellationRequested)
            {
                Cancel();
                return;
            }
            // End waits for this: the call may end before its handle is here.
            lock (starting)
            {
                GCHandle self = GCHandle.Alloc(this);
                bool kept = false;
                try
                {
                    IntPtr error;
                    int begun = start(OnDone, GCHandle.ToIntPtr(self), out pending, out error);
                    string refusal = Native.Take(error);
                    if (begun != (int)UpscopeStatus.Ok)
                    {
                        Fail(UpscopeException.Of(begun, refusal));
                        return;
                    }
                    pending.Keep(self);
                    kept = true;
                }
                finally
                {
                    if (!kept) self.Free();
                }
                if (token.CanBeCanceled) registration = token.Register(Stop);
            }
        }

        private void Stop()
        {
            try
            {
                Native.upscope_pending_cancel(pending);
            }
            catch (ObjectDisposedException)
            {
                // It has ended meanwhile.
            }
        }

        // On a thread of the library.
        private static void Told(IntPtr userData, int status, IntPtr json)
        {
            try
            {
                StartedTask call = (StartedTask)GCHandle.FromIntPtr(userData).Target;
                call.status = status;
                try
                {
                    call.text = Native.Read(json);
                }
                catch (Exception error)
                {
                    call.failure = error;
                }
                // What waits for the task must not run here: the library has few threads.
                ThreadPool.QueueUserWorkItem(state => ((StartedTask)state).End(), call);
            }
            catch (Exception)
            {
                // No exception may cross the library.
            }
        }

        private void End()
        {
            lock (starting)
            {
                registration.Dispose();
                pending.Dispose();
            }
            if (failure != null) Fail(failure);
            else if (status == (int)UpscopeStatus.Ok) Succeed(text);
            else if (status == (int)UpscopeStatus.Done) Succeed(null);
            else if (status == (int)UpscopeStatus.Cancelled && token.IsCancellationRequested) Cancel();
            else Fail(UpscopeException.Of(status, text));
        }
    }

    /// <summary>A started call as a task, whose answer becomes a T.</summary>
    internal sealed class StartedTask<T> : StartedTask
    {
        private readonly TaskCompletionSource<T> source = new TaskCompletionSource<T>();
        private readonly Func<string, T> read;

        internal StartedTask(Func<string, T> read, CancellationToken token) : base(token)
        {
            this.read = read;
        }

        internal Task<T> Run(Starter start)
        {
            Begin(start);
            return source.Task;
        }

        protected override void Succeed(string answer)
        {
            T result;
            try
            {
                result = read(answer);
            }
            catch (Exception error)
            {
                source.TrySetException(error);
                return;
            }
            source.TrySetResult(result);
        }

        protected override void Fail(Exception error)
        {
            source.TrySetException(error);
        }

        protected override void Cancel()
        {
            source.TrySetCanceled();
        }
    }

    /// <summary>
    /// A call that was started: ask for its end from a timer with Poll, or wait. Any thread may use it.
    /// Disposing cancels it if it still runs, and does not wait for the network.
    /// </summary>
    public sealed class UpscopePending : IDisposable
    {
        // Static, so that it is not collected while the library may call it.
        private static readonly Native.Done OnDone = Told;

        private readonly object telling = new object();
        private readonly Action<UpscopePending> done;
        private readonly Native.PendingHandle pending;
        private bool closed;

        internal UpscopePending(Native.ClientHandle client, byte[] operation, byte[] request,
            Action<UpscopePending> done)
        {
            this.done = done;
            // The call may end before its handle is here: telling waits for this.
            lock (telling)
            {
                GCHandle self = done == null ? default(GCHandle) : GCHandle.Alloc(this);
                bool kept = false;
                try
                {
                    IntPtr error;
                    IntPtr userData = done == null ? IntPtr.Zero : GCHandle.ToIntPtr(self);
                    int status = Native.upscope_start(client, operation, request, done == null ? null : OnDone, userData,
                        out pending, out error);
                    UpscopeClient.Answer(status, Native.Take(error));
                    pending.Keep(self);
                    kept = true;
                }
                finally
                {
                    if (!kept && self.IsAllocated) self.Free();
                }
            }
        }

        /// <summary>
        /// Whether the call has ended, and if so its answer. Throws what the call itself would have thrown.
        /// </summary>
        public bool Poll(out string answerJson)
        {
            return Wait(TimeSpan.Zero, out answerJson);
        }

        /// <summary>
        /// Waits for the end, at most this long. False: it has not ended, and answerJson is null.
        /// </summary>
        public bool Wait(TimeSpan timeout, out string answerJson)
        {
            if (closed) throw new ObjectDisposedException("UpscopePending");
            IntPtr text;
            uint milliseconds = (uint)Math.Max(0, Math.Min(uint.MaxValue, Math.Ceiling(timeout.TotalMilliseconds)));
            int status = Native.upscope_pending_wait(pending, milliseconds, out text);
            answerJson = Native.Take(text);
            if (status == (int)UpscopeStatus.Pending) return false;
            UpscopeClient.Answer(status, answerJson);
            return true;
        }

        /// <summary>Ends the call with a CallCancelledException, unless it has ended already.</summary>
        public void Cancel()
        {
            try
            {
                Native.upscope_pending_cancel(pending);
            }
            catch (ObjectDisposedException)
            {
                // Disposing has cancelled it.
            }
        }

        /// <summary>
        /// Lets go of the call. When this has returned, the function that is told runs no more; this waits
        /// for it when it runs just now on another thread, and it may itself do this.
        /// </summary>
        public void Dispose()
        {
            lock (telling) closed = true;
            Cancel();
            pending.Dispose();
        }

        // On a thread of the library.
        private static void Told(IntPtr userData, int status, IntPtr json)
        {
            try
            {
                GCHandle self = GCHandle.FromIntPtr(userData);
                UpscopePending call = (UpscopePending)self.Target;
                lock (call.telling)
                {
                    if (call.closed) return;
                    // From here on nothing but the program keeps it alive.
                    self.Target = null;
                    call.done(call);
                }
            }
            catch (Exception)
            {
                // No exception may cross the library.
            }
        }
    }
}
