//! A value per process: after a fork, the child never uses the value of its parent.

use std::process;

use once_cell::race::OnceBox;

/// A handle, whose clones refer to the same value, that belongs to the process that created it.
pub(crate) struct PerProcess<T: Clone> {
    /// Set without a lock, because a thread that holds one during a fork does not release it in the child.
    first: OnceBox<Generation<T>>,
}

struct Generation<T: Clone> {
    process: u32,
    handle: T,
    next: PerProcess<T>,
}

impl<T: Clone> PerProcess<T> {
    pub(crate) const fn new() -> PerProcess<T> {
        PerProcess { first: OnceBox::new() }
    }

    /// The handle of this process, created on first use. Takes no lock.
    pub(crate) fn get_or_init(&self, init: impl Fn() -> T) -> &T {
        let process = process::id();
        let mut slot = self;
        loop {
            let generation =
                slot.first.get_or_init(|| Box::new(Generation { process, handle: init(), next: PerProcess::new() }));
            if generation.process == process {
                return &generation.handle;
            }
            slot = &generation.next;
        }
    }

    /// The handle of this process, if there is one.
    pub(crate) fn get(&self) -> Option<&T> {
        let process = process::id();
        let mut slot = self;
        loop {
            let generation = slot.first.get()?;
            if generation.process == process {
                return Some(&generation.handle);
            }
            slot = &generation.next;
        }
    }
}

impl<T: Clone> Drop for Generation<T> {
    fn drop(&mut self) {
        if self.process != process::id() {
            // A leaked clone keeps the value of the parent alive in this process. Dropping a TLS connection here would
            // send close_notify on the socket of the parent.
            std::mem::forget(self.handle.clone());
        }
    }
}
