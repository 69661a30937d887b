//! The state of one sandbox: the data of the imitated service, the clock, the faults and the request log.

use crate::Options;
use crate::clock::Clock;
use crate::deletions::Deletions;
use crate::faults::Faults;
use crate::request_log::RequestLog;
use crate::sample_data;
use crate::store::Store;

pub(crate) struct AppState {
    options: Options,
    pub(crate) origin: String,
    pub(crate) clock: Clock,
    pub(crate) store: Store,
    pub(crate) faults: Faults,
    /// The faults after a reset.
    initial_faults: Faults,
    pub(crate) deletions: Deletions,
    pub(crate) request_log: RequestLog,
    generation: u64,
}

impl AppState {
    /// `origin` is the scheme, host and port of the sandbox.
    pub(crate) fn new(options: &Options, origin: String) -> Self {
        let clock = Clock::start();
        Self {
            store: initial_store(options, &clock),
            options: options.clone(),
            origin,
            clock,
            faults: Faults::default(),
            initial_faults: Faults::default(),
            deletions: Deletions::default(),
            request_log: RequestLog::default(),
            generation: 0,
        }
    }

    pub(crate) fn reset(&mut self) {
        self.store = initial_store(&self.options, &self.clock);
        self.clock.reset();
        self.faults = self.initial_faults.clone();
        self.deletions = Deletions::default();
        self.request_log.clear();
        self.generation += 1;
    }

    /// Sets the faults for now and after each reset.
    pub(crate) fn set_initial_faults(&mut self, faults: Faults) {
        self.faults = faults.clone();
        self.initial_faults = faults;
    }

    pub(crate) fn seed(&self) -> u64 {
        self.options.seed
    }

    /// Applies what is due by now. Must be called before a request is executed.
    pub(crate) fn catch_up(&mut self) {
        let now_ms = self.now_ms();
        self.deletions.apply_due(&mut self.store, now_ms);
    }

    /// Changes with each reset, so that a delayed request from before a reset is not executed after it.
    pub(crate) fn generation(&self) -> u64 {
        self.generation
    }

    pub(crate) fn now_ms(&self) -> i64 {
        self.clock.now_ms()
    }
}

fn initial_store(options: &Options, clock: &Clock) -> Store {
    sample_data::generate(options.seed, options.visitors, options.sessions, clock.start_ms())
}
