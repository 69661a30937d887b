//! Takes from this process what it could have.

#![allow(unsafe_code)]

use std::fs::File;

/// Every descriptor but some. Dropping it gives them back.
pub struct Descriptors(#[allow(dead_code)] Vec<File>);

impl Descriptors {
    /// Leaves `free` descriptors.
    pub fn take_all_but(free: usize) -> Descriptors {
        set(libc::RLIMIT_NOFILE, 128);
        let mut taken = Vec::with_capacity(256);
        while let Ok(file) = File::open("/dev/null") {
            taken.push(file);
        }
        assert!(taken.len() > free, "{}", taken.len());
        taken.truncate(taken.len() - free);
        Descriptors(taken)
    }
}

/// A bound on the address space. Dropping it lifts the bound.
pub struct AddressSpace;

impl AddressSpace {
    /// What is in use now and `bytes` more.
    pub fn with_free(bytes: u64) -> AddressSpace {
        let statm = std::fs::read_to_string("/proc/self/statm").unwrap();
        let pages: u64 = statm.split(' ').next().unwrap().parse().unwrap();
        set(libc::RLIMIT_AS, pages * 4096 + bytes);
        AddressSpace
    }
}

impl Drop for AddressSpace {
    fn drop(&mut self) {
        set(libc::RLIMIT_AS, libc::RLIM_INFINITY);
    }
}

fn set(resource: libc::__rlimit_resource_t, limit: u64) {
    // SAFETY: the structure is this call's own.
    unsafe {
        let mut limits = libc::rlimit { rlim_cur: 0, rlim_max: 0 };
        assert_eq!(libc::getrlimit(resource, &raw mut limits), 0);
        limits.rlim_cur = limit.min(limits.rlim_max);
        assert_eq!(libc::setrlimit(resource, &raw const limits), 0);
    }
}
