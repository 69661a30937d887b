//! Functions of the C library, replaced in this program: the resolver, and the start of threads.

#![allow(unsafe_code)]

use std::ffi::{CStr, c_char, c_int, c_void};
use std::mem;
use std::ptr;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Condvar, Mutex};
use std::time::Duration;

use libc::{addrinfo, pthread_attr_t, pthread_t};

/// A look-up of a name that ends so waits until [`answer_the_dead`] is called.
pub const DEAD: &str = ".dead.test";
/// The only addresses of this name that is not the last are `127.0.1.1` and those that follow.
pub const MANY: &str = ".many.test";
/// 127.0.0.1
pub const ALIVE: &str = "alive.test";
/// The resolver reports that it got no memory.
pub const NO_MEMORY: &str = "no-memory.test";

/// How many look-ups of dead names were begun.
pub static DEAD_LOOK_UPS: AtomicUsize = AtomicUsize::new(0);

static DEAD_ARE_ANSWERED: Mutex<bool> = Mutex::new(false);
static ANSWERED: Condvar = Condvar::new();

/// From now on, and for those who wait already, dead names are not known.
pub fn answer_the_dead() {
    *DEAD_ARE_ANSWERED.lock().unwrap() = true;
    ANSWERED.notify_all();
}

/// While it is true, no thread is started.
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
/// As the function of the C library.
#[unsafe(no_mangle)]
unsafe extern "C" fn getaddrinfo(
    host: *const c_char,
    service: *const c_char,
    hints: *const addrinfo,
    found: *mut *mut addrinfo,
) -> c_int {
    // SAFETY: the C library's function has this type.
    let original: GetAddrInfo = unsafe { mem::transmute(original(c"getaddrinfo")) };
    // SAFETY: as the caller promises.
    let name = if host.is_null() { "" } else { unsafe { CStr::from_ptr(host) }.to_str().unwrap_or_default() };
    // SAFETY: as the caller promises; the addresses are NUL-terminated.
    let ask = |address: &CStr, found: *mut *mut addrinfo| unsafe { original(address.as_ptr(), service, hints, found) };
    if name.ends_with(DEAD) {
        DEAD_LOOK_UPS.fetch_add(1, Ordering::SeqCst);
        let waiting = DEAD_ARE_ANSWERED.lock().unwrap();
        let _ = ANSWERED.wait_timeout_while(waiting, Duration::from_secs(60), |answered| !*answered);
        return libc::EAI_AGAIN;
    }
    if name == NO_MEMORY {
        return libc::EAI_MEMORY;
    }
    if name == ALIVE {
        return ask(c"127.0.0.1", found);
    }
    let Some(count) = name.strip_suffix(MANY).and_then(|count| count.parse::<u8>().ok()) else {
        // SAFETY: as the caller promises.
        return unsafe { original(host, service, hints, found) };
    };
    // Each address as the original answers it, in a list.
    let mut end = found;
    for number in 1..=count {
        let address = if number == count { "127.0.0.1".to_owned() } else { format!("127.0.1.{number}") };
        let address = std::ffi::CString::new(address).unwrap();
        let mut one = ptr::null_mut();
        assert_eq!(ask(&address, &raw mut one), 0);
        // SAFETY: `end` is where the caller wants the list, or the end of the list before.
        unsafe {
            *end = one;
            end = &raw mut (*one).ai_next;
        }
    }
    0
}

/// # Safety
/// As the function of the C library.
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
    // SAFETY: as the caller promises.
    unsafe { original(thread, attributes, start, argument) }
}
