//! A value that each process makes for itself. After a fork the child never touches its parent's.

use std::process;

use once_cell::race::OnceBox;

/// A handle (cloning it gives the same thing) that belongs to the process that made it.
pub(crate) struct PerProcess<T: Clone> {
    /// Set without a lock: a thread that is making the handle at the fork is not there to finish it in the child.
    newest: OnceBox<Generation<T>>,
}

struct Generation<T: Clone> {
    process: u32,
    handle: T,
    next: PerProcess<T>,
}

impl<T: Clone> PerProcess<T> {
    pub(crate) const fn new() -> PerProcess<T> {
        PerProcess { newest: OnceBox::new() }
    }

    /// This process's handle. Takes no lock that another thread could have held at the fork.
    pub(crate) fn get_or_make(&self, make: impl Fn() -> T) -> &T {
        let process = process::id();
        let mut slot = self;
        loop {
            let generation =
                slot.newest.get_or_init(|| Box::new(Generation { process, handle: make(), next: PerProcess::new() }));
            if generation.process == process {
                return &generation.handle;
            }
            slot = &generation.next;
        }
    }

    /// This process's handle, if it has made one.
    pub(crate) fn get(&self) -> Option<&T> {
        let process = process::id();
        let mut slot = self;
        loop {
            let generation = slot.newest.get()?;
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
            // One handle that is never dropped keeps the parent's things from being closed here: a TLS connection
            // would say goodbye on the parent's socket.
            std::mem::forget(self.handle.clone());
        }
    }
}
