//! The threads of one client that run started calls: none before the first, few at most, gone with the client.

use std::collections::VecDeque;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;

use crate::support::per_process::PerProcess;

/// Calls that one client runs at once; further ones wait for a free thread.
const MAX_WORKERS: usize = 32;

/// What a worker runs. It must not panic: what it calls of others stands behind a wall of its own.
pub(crate) type Job = Box<dyn FnOnce() + Send>;

/// The threads of this process and of those it was forked from.
pub(crate) struct ThreadPool(PerProcess<Arc<Pool>>);

#[derive(Default)]
struct Pool {
    queue: Mutex<Queue>,
    changed: Condvar,
}

#[derive(Default)]
struct Queue {
    jobs: VecDeque<Job>,
    thread_pool: usize,
    idle: usize,
    closed: bool,
}

impl ThreadPool {
    pub(crate) fn new() -> ThreadPool {
        ThreadPool(PerProcess::new())
    }

    /// Runs the job on one of the threads. False when there is none and none can be started.
    pub(crate) fn run(&self, job: Job) -> bool {
        let pool = self.0.get_or_init(Arc::default);
        let mut queue = pool.lock();
        queue.jobs.push_back(job);
        if queue.idle < queue.jobs.len() && queue.thread_pool < MAX_WORKERS {
            let worker = pool.clone();
            let started = thread::Builder::new().name("upscope-call".into()).spawn(move || worker.work());
            match started {
                Ok(_) => queue.thread_pool += 1,
                Err(_) if queue.thread_pool == 0 => {
                    queue.jobs.pop_back();
                    return false;
                }
                // The threads there are will get to it.
                Err(_) => {}
            }
        }
        drop(queue);
        pool.changed.notify_one();
        true
    }
}

impl Pool {
    fn work(&self) {
        let mut queue = self.lock();
        loop {
            if let Some(job) = queue.jobs.pop_front() {
                drop(queue);
                job();
                queue = self.lock();
                continue;
            }
            if queue.closed {
                queue.thread_pool -= 1;
                return;
            }
            queue.idle += 1;
            queue = self.changed.wait(queue).unwrap_or_else(PoisonError::into_inner);
            queue.idle -= 1;
        }
    }

    fn lock(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for ThreadPool {
    /// Does not wait: the last call's own thread may be what drops the client.
    fn drop(&mut self) {
        if let Some(pool) = self.0.get() {
            pool.lock().closed = true;
            pool.changed.notify_all();
        }
    }
}
