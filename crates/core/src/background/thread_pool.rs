//! The threads that run the started calls of one client. They start when they are needed and end with the client.

use std::collections::VecDeque;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;

use crate::support::call_control::ClientState;
use crate::support::per_process::PerProcess;

/// Maximum number of threads of one client. Further calls wait in the queue.
const MAX_THREADS: usize = 32;

/// What a thread runs.
pub(crate) trait Job: Send {
    /// Must not panic: it has to catch the panics of the code that it calls.
    fn run(self: Box<Self>);

    /// Ends the job as cancelled, before a thread runs it. A thread still runs what remains of it.
    fn cancel(&self);
}

/// The threads of one client, separate for each process.
pub(crate) struct ThreadPool {
    client: Arc<ClientState>,
    processes: PerProcess<Arc<ProcessThreads>>,
}

/// Why a job was not accepted.
pub(crate) enum SpawnError {
    ClientClosed,
    NoThread,
}

/// The threads of one client in one process.
#[derive(Default)]
struct ProcessThreads {
    queue: Mutex<Queue>,
    changed: Condvar,
}

#[derive(Default)]
struct Queue {
    jobs: VecDeque<Box<dyn Job>>,
    thread_count: usize,
    idle_count: usize,
    closed: bool,
}

impl ThreadPool {
    pub(crate) fn new(client: Arc<ClientState>) -> ThreadPool {
        ThreadPool { client, processes: PerProcess::new() }
    }

    /// Runs the job on one of the threads.
    pub(crate) fn spawn(&self, job: Box<dyn Job>) -> Result<(), SpawnError> {
        let threads = self.processes.get_or_init(Arc::default);
        let mut queue = threads.lock();
        // With the lock: a job that is queued before the client is closed is found there.
        if self.client.is_closed() {
            // Without the mutex: the job may hold the client.
            drop(queue);
            return Err(SpawnError::ClientClosed);
        }
        queue.jobs.push_back(job);
        if queue.idle_count < queue.jobs.len() && queue.thread_count < MAX_THREADS {
            let worker = threads.clone();
            let started = thread::Builder::new().name("upscope-call".into()).spawn(move || worker.run());
            match started {
                Ok(_) => queue.thread_count += 1,
                Err(_) if queue.thread_count == 0 => {
                    let job = queue.jobs.pop_back();
                    // Without the mutex: the job may hold the client.
                    drop(queue);
                    drop(job);
                    return Err(SpawnError::NoThread);
                }
                // The running threads will take the job.
                Err(_) => {}
            }
        }
        drop(queue);
        threads.changed.notify_one();
        Ok(())
    }

    /// Cancels the jobs in the queue and ends the idle threads. The client is closed already.
    pub(crate) fn close(&self) {
        if let Some(threads) = self.processes.get() {
            let mut queue = threads.lock();
            queue.jobs.iter().for_each(|job| job.cancel());
            queue.closed = true;
            drop(queue);
            threads.changed.notify_all();
        }
    }
}

impl ProcessThreads {
    fn run(&self) {
        let mut queue = self.lock();
        loop {
            if let Some(job) = queue.jobs.pop_front() {
                drop(queue);
                job.run();
                queue = self.lock();
                continue;
            }
            if queue.closed {
                queue.thread_count -= 1;
                return;
            }
            queue.idle_count += 1;
            queue = self.changed.wait(queue).unwrap_or_else(PoisonError::into_inner);
            queue.idle_count -= 1;
        }
    }

    fn lock(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for ThreadPool {
    /// Does not wait for the threads: one of them may be dropping the client at the end of its last call.
    fn drop(&mut self) {
        if let Some(threads) = self.processes.get() {
            threads.lock().closed = true;
            threads.changed.notify_all();
        }
    }
}
