//! CPU time of all threads of this process, wall time and system CPU time, in nanoseconds.

pub struct Moment {
    pub cpu: i64,
    pub wall: i64,
    pub system: i64,
}

impl Moment {
    pub fn now() -> Moment {
        // SAFETY: rusage is a plain structure of numbers, for which zero is valid. getrusage fills it.
        let used = unsafe {
            let mut used: libc::rusage = std::mem::zeroed();
            libc::getrusage(libc::RUSAGE_SELF, &mut used);
            used
        };
        let system = (used.ru_stime.tv_sec * 1_000_000 + used.ru_stime.tv_usec) * 1000;
        Moment { wall: read(libc::CLOCK_MONOTONIC), cpu: read(libc::CLOCK_PROCESS_CPUTIME_ID), system }
    }

    pub fn since(&self, earlier: &Moment) -> Moment {
        Moment { cpu: self.cpu - earlier.cpu, wall: self.wall - earlier.wall, system: self.system - earlier.system }
    }

    pub fn of_one(&self, count: u32) -> Moment {
        let count = i64::from(count);
        Moment { cpu: self.cpu / count, wall: self.wall / count, system: self.system / count }
    }
}

fn read(clock: libc::clockid_t) -> i64 {
    let mut now = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: clock_gettime fills a local structure.
    unsafe { libc::clock_gettime(clock, &mut now) };
    now.tv_sec * 1_000_000_000 + now.tv_nsec
}
