using System;
using System.Runtime.InteropServices;
using System.Threading;
using System.Threading.Tasks;

namespace Upscope
{
    /// <summary>Starts a call in the library.</summary>
    internal delegate int Starter(Native.Done done, IntPtr userData, out Native.PendingHandle pending, out IntPtr error);

    /// <summary>A started call as a task.</summary>
    internal abstract class StartedTask
    {
        // Static, so that it is not collected while the library can call it.
        private static readonly Native.Done OnDone = HandleDone;

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

        protected abstract void Succeed(string response);

        protected abstract void Fail(Exception error);

        protected abstract void Cancel();

        protected void Begin(Starter start)
        {
            if (token.IsCancellationRequested)
            {
                Cancel();
                return;
            }
            // End waits for this lock, because the call can end before its handle is stored.
            lock (starting)
            {
                GCHandle self = GCHandle.Alloc(this);
                bool started = false;
                try
                {
                    IntPtr error;
                    int startStatus = start(OnDone, GCHandle.ToIntPtr(self), out pending, out error);
                    string errorJson = Native.Take(error);
                    if (startStatus != (int)UpscopeStatus.Ok)
                    {
                        Fail(UpscopeException.FromJson(startStatus, errorJson));
                        return;
                    }
                    pending.Keep(self);
                    started = true;
                }
                finally
                {
                    if (!started) self.Free();
                }
                if (token.CanBeCanceled) registration = token.Register(CancelCall);
            }
        }

        private void CancelCall()
        {
            try
            {
                Native.upscope_pending_cancel(pending);
            }
            catch (ObjectDisposedException)
            {
                // The call has ended.
            }
        }

        // Runs on a thread of the library.
        private static void HandleDone(IntPtr userData, int status, IntPtr json)
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
                // Continuations must not run here, because the library has few threads.
                ThreadPool.QueueUserWorkItem(state => ((StartedTask)state).End(), call);
            }
            catch (Exception)
            {
                // An exception must not reach the library.
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
            else Fail(UpscopeException.FromJson(status, text));
        }
    }

    /// <summary>A started call as a task that converts the response to T.</summary>
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

        protected override void Succeed(string response)
        {
            T result;
            try
            {
                result = read(response);
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
    /// A started call. Poll it from a timer, or wait for it. Any thread can use it. Dispose cancels it if it is
    /// still running, and does not wait for the network.
    /// </summary>
    public sealed class UpscopePending : IDisposable
    {
        // Static, so that it is not collected while the library can call it.
        private static readonly Native.Done OnDone = HandleDone;

        private readonly object callback = new object();
        private readonly Action<UpscopePending> done;
        private readonly Native.PendingHandle pending;
        private bool closed;

        internal UpscopePending(Native.ClientHandle client, byte[] operation, byte[] request,
            Action<UpscopePending> done)
        {
            this.done = done;
            // The callback waits for this lock, because the call can end before its handle is stored.
            lock (callback)
            {
                GCHandle self = done == null ? default(GCHandle) : GCHandle.Alloc(this);
                bool started = false;
                try
                {
                    IntPtr error;
                    IntPtr userData = done == null ? IntPtr.Zero : GCHandle.ToIntPtr(self);
                    int status = Native.upscope_start(client, operation, request, done == null ? null : OnDone, userData,
                        out pending, out error);
                    UpscopeClient.Check(status, Native.Take(error));
                    pending.Keep(self);
                    started = true;
                }
                finally
                {
                    if (!started && self.IsAllocated) self.Free();
                }
            }
        }

        /// <summary>
        /// Returns true and the response if the call has ended. Throws the exception of the call if it failed.
        /// </summary>
        public bool Poll(out string answerJson)
        {
            return Wait(TimeSpan.Zero, out answerJson);
        }

        /// <summary>
        /// Waits for the call to end. Returns false after the timeout; answerJson is then null.
        /// </summary>
        public bool Wait(TimeSpan timeout, out string answerJson)
        {
            if (closed) throw new ObjectDisposedException("UpscopePending");
            IntPtr text;
            uint milliseconds = (uint)Math.Max(0, Math.Min(uint.MaxValue, Math.Ceiling(timeout.TotalMilliseconds)));
            int status = Native.upscope_pending_wait(pending, milliseconds, out text);
            answerJson = Native.Take(text);
            if (status == (int)UpscopeStatus.Pending) return false;
            UpscopeClient.Check(status, answerJson);
            return true;
        }

        /// <summary>Cancels the call, unless it has ended. It then fails with a CallCancelledException.</summary>
        public void Cancel()
        {
            try
            {
                Native.upscope_pending_cancel(pending);
            }
            catch (ObjectDisposedException)
            {
                // Dispose has cancelled it.
            }
        }

        /// <summary>
        /// Frees the call. The callback does not run any more after this has returned. If it is running on
        /// another thread, this waits for it. The callback itself can call this.
        /// </summary>
        public void Dispose()
        {
            lock (callback) closed = true;
            Cancel();
            pending.Dispose();
        }

        // Runs on a thread of the library.
        private static void HandleDone(IntPtr userData, int status, IntPtr json)
        {
            try
            {
                GCHandle self = GCHandle.FromIntPtr(userData);
                UpscopePending call = (UpscopePending)self.Target;
                lock (call.callback)
                {
                    if (call.closed) return;
                    // From now on, only the program keeps the object alive.
                    self.Target = null;
                    call.done(call);
                }
            }
            catch (Exception)
            {
                // An exception must not reach the library.
            }
        }
    }
}
