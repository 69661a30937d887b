//! Everything one sandbox holds: what it imitates, and what it is told and remembers on the side.

use crate::Options;
use crate::clock::Clock;
use crate::faults::Faults;
use crate::journal::Journal;
use crate::seed;
use crate::state::State;

pub(crate) struct World {
    options: Options,
    pub(crate) origin: String,
    pub(crate) clock: Clock,
    pub(crate) state: State,
    pub(crate) faults: Faults,
    pub(crate) journal: Journal,
    resets: u64,
}

impl World {
    /// `origin` is the scheme, host and port the sandbox answers on.
    pub(crate) fn new(options: &Options, origin: String) -> Self {
        let clock = Clock::start();
        Self {
            state: Self::seeded(options, &clock),
            options: options.clone(),
            origin,
            clock,
            faults: Faults::default(),
            journal: Journal::default(),
            resets: 0,
        }
    }

    fn seeded(options: &Options, clock: &Clock) -> State {
        seed::state(options.seed, options.visitors, options.sessions, clock.origin_ms())
    }

    pub(crate) fn reset(&mut self) {
        self.state = Self::seeded(&self.options, &self.clock);
        self.clock.reset();
        self.faults = Faults::default();
        self.journal.clear();
        self.resets += 1;
    }

    /// Tells a request that waited from before a reset, whose effect must not leak into what comes after.
    pub(crate) fn age(&self) -> u64 {
        self.resets
    }

    pub(crate) fn now_ms(&self) -> i64 {
        self.clock.now_ms()
    }
}
