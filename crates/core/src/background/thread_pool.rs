//! The threads that run the started calls of one client. They start when they are needed and end with the client.

use std::collections::VecDeque;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;

use crate::support::per_process::PerProcess;

/// Maximum number of threads of one client. Further calls wait in the queue.
const MAX_THREADS: usize = 32;

/// What a thread runs. It must not panic: it has to catch the panics of the code that it calls.
pub(crate) type Job = Box<dyn FnOnce() + Send>;

/// The threads of one client, separate for each process.
pub(crate) struct ThreadPool(PerProcess<Arc<ProcessThreads>>);

/// The threads of one client in one process.
#[derive(Default)]
struct ProcessThreads {
    queue: Mutex<Queue>,
    changed: Condvar,
}

#[derive(Default)]
struct Queue {
    jobs: VecDeque<Job>,
    thread_count: usize,
    idle_count: usize,
    closed: bool,
}

impl ThreadPool {
    pub(crate) fn new() -> ThreadPool {
        ThreadPool(PerProcess::new())
    }

    /// Runs the job on one of the threads. False if there is no thread and none can be started.
    pub(crate) fn spawn(&self, job: Job) -> bool {
        let threads = self.0.get_or_init(Arc::default);
        let mut queue = threads.lock();
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
                    return false;
                }
                // The running threads will take the job.
                Err(_) => {}
            }
        }
        drop(queue);
        threads.changed.notify_one();
        true
    }
}

impl ProcessThreads {
    fn run(&self) {
        let mut queue = self.lock();
        loop {
            if let Some(job) = queue.jobs.pop_front() {
                drop(queue);
                job();
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
        if let Some(threads) = self.0.get() {
            threads.lock().closed = true;
            threads.changed.notify_all();
        }
    }
}
