//! Replaces functions of the C library in this program: `getaddrinfo` and `pthread_create`.

#![allow(unsafe_code)]

use std::ffi::{CStr, c_char, c_int, c_void};
use std::mem;
use std::ptr;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Condvar, Mutex};
use std::time::Duration;

use libc::{addrinfo, pthread_attr_t, pthread_t};

/// Lookups of hosts with this suffix hang until [`end_hanging_lookups`] is called.
pub const HANGING: &str = ".dead.test";
/// `N.many.test` has N addresses: `127.0.1.1` and the following ones, and `127.0.0.1` as the last.
pub const MANY_ADDRESSES: &str = ".many.test";
/// The address of this host is `127.0.0.1`.
pub const RESOLVABLE: &str = "resolvable.test";
/// The lookup of this host fails for lack of memory.
pub const LACKS_MEMORY: &str = "lacks-memory.test";

/// The number of lookups of [`HANGING`] hosts that started.
pub static HANGING_LOOKUPS: AtomicUsize = AtomicUsize::new(0);

static LOOKUPS_END: Mutex<bool> = Mutex::new(false);
static LOOKUPS_END_CHANGED: Condvar = Condvar::new();

/// From now on, lookups of [`HANGING`] hosts fail, also those that already hang.
pub fn end_hanging_lookups() {
    *LOOKUPS_END.lock().unwrap() = true;
    LOOKUPS_END_CHANGED.notify_all();
}

/// While this is true, no thread can be started.
pub static NO_THREADS: AtomicBool = AtomicBool::new(false);

type GetAddrInfo = unsafe extern "C" fn(*const c_char, *const c_char, *const addrinfo, *mut *mut addrinfo) -> c_int;
type Start = extern "C" fn(*mut c_void) -> *mut c_void;
type PthreadCreate = unsafe extern "C" fn(*mut pthread_t, *const pthread_attr_t, Start, *mut c_void) -> c_int;

fn original(name: &CStr) -> *mut c_void {
    // SAFETY: the name is NUL-terminated.
    let found = unsafe { libc::dlsym(libc::RTLD_NEXT, name.as_ptr()) };
    assert!(!found.is_null(), "{name:?}");
    found
}

/// # Safety
/// As for the function of the C library.
#[unsafe(no_mangle)]
unsafe extern "C" fn getaddrinfo(
    host: *const c_char,
    service: *const c_char,
    hints: *const addrinfo,
    found: *mut *mut addrinfo,
) -> c_int {
    // SAFETY: the C library's function has this type.
    let original: GetAddrInfo = unsafe { mem::transmute(original(c"getaddrinfo")) };
    // SAFETY: the caller guarantees it.
    let name = if host.is_null() { "" } else { unsafe { CStr::from_ptr(host) }.to_str().unwrap_or_default() };
    // SAFETY: the caller guarantees it; the addresses are NUL-terminated.
    let resolve =
        |address: &CStr, found: *mut *mut addrinfo| unsafe { original(address.as_ptr(), service, hints, found) };
    if name.ends_with(HANGING) {
        HANGING_LOOKUPS.fetch_add(1, Ordering::SeqCst);
        let end = LOOKUPS_END.lock().unwrap();
        let _ = LOOKUPS_END_CHANGED.wait_timeout_while(end, Duration::from_secs(60), |end| !*end);
        return libc::EAI_AGAIN;
    }
    if name == LACKS_MEMORY {
        return libc::EAI_MEMORY;
    }
    if name == RESOLVABLE {
        return resolve(c"127.0.0.1", found);
    }
    let Some(count) = name.strip_suffix(MANY_ADDRESSES).and_then(|count| count.parse::<u8>().ok()) else {
        // SAFETY: the caller guarantees it.
        return unsafe { original(host, service, hints, found) };
    };
    // The list consists of one result of the original function for each address.
    let mut end = found;
    for number in 1..=count {
        let address = if number == count { "127.0.0.1".to_owned() } else { format!("127.0.1.{number}") };
        let address = std::ffi::CString::new(address).unwrap();
        let mut one = ptr::null_mut();
        assert_eq!(resolve(&address, &raw mut one), 0);
        // SAFETY: `end` points to the caller's result, or to the end of the list so far.
        unsafe {
            *end = one;
            end = &raw mut (*one).ai_next;
        }
    }
    0
}

/// # Safety
/// As for the function of the C library.
#[unsafe(no_mangle)]
unsafe extern "C" fn pthread_create(
    thread: *mut pthread_t,
    attributes: *const pthread_attr_t,
    start: Start,
    argument: *mut c_void,
) -> c_int {
    if NO_THREADS.load(Ordering::SeqCst) {
        return libc::EAGAIN;
    }
    // SAFETY: the C library's function has this type.
    let original: PthreadCreate = unsafe { mem::transmute(original(c"pthread_create")) };
    // SAFETY: the caller guarantees it.
    unsafe { original(thread, attributes, start, argument) }
}
