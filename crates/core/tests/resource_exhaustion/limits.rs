//! Limits the resources of this process.

#![allow(unsafe_code)]

use std::fs::File;

/// Holds all file descriptors of the process but some. Dropping it closes them.
pub struct UsedDescriptors(#[allow(dead_code)] Vec<File>);

impl UsedDescriptors {
    /// Leaves `free` descriptors.
    pub fn all_but(free: usize) -> UsedDescriptors {
        set_limit(libc::RLIMIT_NOFILE, 128);
        let mut used = Vec::with_capacity(256);
        while let Ok(file) = File::open("/dev/null") {
            used.push(file);
        }
        assert!(used.len() > free, "{}", used.len());
        used.truncate(used.len() - free);
        UsedDescriptors(used)
    }
}

/// A limit on the address space. Dropping it removes the limit.
pub struct AddressSpaceLimit;

impl AddressSpaceLimit {
    /// Leaves `bytes` above what is in use now.
    pub fn leaving(bytes: u64) -> AddressSpaceLimit {
        let statm = std::fs::read_to_string("/proc/self/statm").unwrap();
        let pages: u64 = statm.split(' ').next().unwrap().parse().unwrap();
        set_limit(libc::RLIMIT_AS, pages * 4096 + bytes);
        AddressSpaceLimit
    }
}

impl Drop for AddressSpaceLimit {
    fn drop(&mut self) {
        set_limit(libc::RLIMIT_AS, libc::RLIM_INFINITY);
    }
}

fn set_limit(resource: libc::__rlimit_resource_t, limit: u64) {
    // SAFETY: the pointers are to a local variable.
    unsafe {
        let mut limits = libc::rlimit { rlim_cur: 0, rlim_max: 0 };
        assert_eq!(libc::getrlimit(resource, &raw mut limits), 0);
        limits.rlim_cur = limit.min(limits.rlim_max);
        assert_eq!(libc::setrlimit(resource, &raw const limits), 0);
    }
}
