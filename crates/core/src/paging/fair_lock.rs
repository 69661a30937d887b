//! A lock that its callers get in the order in which they asked for it.

use std::collections::VecDeque;
use std::process;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use crate::support::call_control::CallControl;
use crate::support::cancel::CANCEL_POLL_INTERVAL;

/// A value behind a fair lock.
pub(crate) struct FairLock<T> {
    queue: Mutex<Queue<T>>,
    changed: Condvar,
}

struct Queue<T> {
    /// The numbers of the waiters in order. The first one holds the lock.
    waiters: VecDeque<u64>,
    next_number: u64,
    /// The process of the waiters. A forked child removes them: their threads stayed with its parent.
    process: u32,
    value: T,
}

/// A place in the queue for the lock. Dropping it leaves the queue or releases the lock.
pub(crate) struct Waiter<T> {
    lock: Arc<FairLock<T>>,
    number: u64,
    process: u32,
}

/// Why a waiter did not get the lock.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum WaitError {
    Cancelled,
    DeadlinePassed,
}

impl<T> FairLock<T> {
    pub(crate) fn new(value: T) -> FairLock<T> {
        let queue = Queue { waiters: VecDeque::new(), next_number: 0, process: process::id(), value };
        FairLock { queue: Mutex::new(queue), changed: Condvar::new() }
    }

    /// Joins the end of the queue. Does not wait.
    pub(crate) fn enqueue(self: &Arc<Self>) -> Waiter<T> {
        let process = process::id();
        let mut queue = self.queue();
        if queue.process != process {
            queue.process = process;
            queue.waiters.clear();
        }
        let number = queue.next_number;
        queue.next_number += 1;
        queue.waiters.push_back(number);
        drop(queue);
        Waiter { lock: self.clone(), number, process }
    }

    /// Accesses the value for a moment, without the lock.
    pub(crate) fn peek<R>(&self, access: impl FnOnce(&mut T) -> R) -> R {
        access(&mut self.queue().value)
    }

    fn queue(&self) -> MutexGuard<'_, Queue<T>> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<T> Waiter<T> {
    /// Waits for the lock, until `deadline` or until `control` ends the wait.
    pub(crate) fn wait(&self, control: &CallControl, deadline: Instant) -> Result<(), WaitError> {
        let mut queue = self.lock.queue();
        while queue.waiters.front() != Some(&self.number) {
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Err(WaitError::DeadlinePassed);
            }
            queue = match self.lock.changed.wait_timeout(queue, left.min(CANCEL_POLL_INTERVAL)) {
                Ok((queue, _)) => queue,
                Err(poisoned) => poisoned.into_inner().0,
            };
            // Without the mutex: this may run the caller's own code.
            drop(queue);
            if control.should_stop() {
                return Err(WaitError::Cancelled);
            }
            queue = self.lock.queue();
        }
        Ok(())
    }

    /// Accesses the value for a moment. The waiter keeps its place.
    pub(crate) fn access<R>(&self, access: impl FnOnce(&mut T) -> R) -> R {
        self.lock.peek(access)
    }
}

impl<T> Drop for Waiter<T> {
    fn drop(&mut self) {
        let mut queue = self.lock.queue();
        if queue.process == self.process {
            queue.waiters.retain(|number| *number != self.number);
        }
        drop(queue);
        self.lock.changed.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::support::cancel::{CancelToken, Control};

    fn control(control: &Control) -> CallControl {
        CallControl::new(control, &Arc::default())
    }

    fn soon() -> Instant {
        Instant::now() + Duration::from_secs(10)
    }

    #[test]
    fn waiters_get_the_lock_in_order() {
        let lock = Arc::new(FairLock::new(Vec::new()));
        let waiters: Vec<_> = (0..8).map(|number| (number, lock.enqueue())).collect();
        std::thread::scope(|threads| {
            for (number, waiter) in waiters.into_iter().rev() {
                threads.spawn(move || {
                    waiter.wait(&control(&Control::default()), soon()).unwrap();
                    waiter.access(|served: &mut Vec<i32>| served.push(number));
                });
            }
        });
        assert_eq!(lock.peek(|served| served.clone()), [0, 1, 2, 3, 4, 5, 6, 7]);
    }

    #[test]
    fn a_waiter_that_gave_up_is_skipped() {
        let lock = Arc::new(FairLock::new(()));
        let first = lock.enqueue();
        let (second, third) = (lock.enqueue(), lock.enqueue());
        let token = CancelToken::new();
        token.cancel();
        assert_eq!(second.wait(&control(&Control::cancelled_by(&token)), soon()), Err(WaitError::Cancelled));
        assert_eq!(third.wait(&control(&Control::default()), Instant::now()), Err(WaitError::DeadlinePassed));
        drop(second);
        drop(first);
        assert_eq!(third.wait(&control(&Control::default()), soon()), Ok(()));
    }
}
