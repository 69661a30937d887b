//! The state of one sandbox: the data of the imitated service, the clock, the faults and the request log.

use std::io;
use std::path::Path;

use hyper::header::HeaderValue;

use crate::Options;
use crate::clock::Clock;
use crate::deletions::Deletions;
use crate::faults::Faults;
use crate::http::date_header::DateHeader;
use crate::live::Live;
use crate::public_url::PublicUrl;
use crate::randomness::Randomness;
use crate::request_log::RequestLog;
use crate::sample_data;
use crate::store::Store;
use crate::webhooks::{RetryPolicy, WebhookLog};

pub(crate) struct AppState {
    options: Options,
    /// The scheme, host and port in links to the sandbox.
    pub(crate) origin: String,
    pub(crate) clock: Clock,
    pub(crate) store: Store,
    pub(crate) faults: Faults,
    /// The faults after a reset.
    initial_faults: Faults,
    pub(crate) deletions: Deletions,
    pub(crate) request_log: RequestLog,
    pub(crate) webhook_log: WebhookLog,
    pub(crate) webhook_retries: RetryPolicy,
    pub(crate) randomness: Randomness,
    live: Option<Live>,
    generation: u64,
    date_header: DateHeader,
}

impl AppState {
    pub(crate) fn new(options: &Options, origin: String) -> Self {
        let clock = Clock::start(options.now);
        Self {
            store: initial_store(options, &clock),
            options: options.clone(),
            origin,
            clock,
            faults: Faults::default(),
            initial_faults: Faults::default(),
            deletions: Deletions::default(),
            request_log: RequestLog::default(),
            webhook_log: WebhookLog::default(),
            webhook_retries: RetryPolicy::default(),
            randomness: initial_randomness(options),
            live: options.live.then(|| Live::new(options.seed, 0)),
            generation: 0,
            date_header: DateHeader::default(),
        }
    }

    /// The state of the file of `--state`, if it exists. Otherwise it has the faults that it also has after a reset.
    pub(crate) fn start(options: &Options, origin: String, initial_faults: Faults) -> io::Result<Self> {
        let Some((path, json)) = read_state(options.state.as_deref())? else {
            let faults = initial_faults.clone();
            return Ok(Self { faults, initial_faults, ..Self::new(options, origin) });
        };
        // The sample data would be replaced.
        let mut app = Self::new(&Options { visitors: 0, sessions: 0, ..options.clone() }, origin);
        (app.options, app.initial_faults) = (options.clone(), initial_faults);
        app.load(&json).map_err(|error| {
            io::Error::new(io::ErrorKind::InvalidData, format!("{} is not a state: {error}", path.display()))
        })?;
        Ok(app)
    }

    /// The file that the state is saved in.
    pub(crate) fn state_file(&self) -> Option<&Path> {
        self.options.state.as_deref()
    }

    pub(crate) fn reset(&mut self) {
        self.clock.reset();
        self.store = initial_store(&self.options, &self.clock);
        self.faults = self.initial_faults.clone();
        self.deletions = Deletions::default();
        self.request_log.clear();
        self.webhook_log.clear();
        self.webhook_retries = RetryPolicy::default();
        self.randomness = initial_randomness(&self.options);
        self.generation += 1;
    }

    pub(crate) fn seed(&self) -> u64 {
        self.options.seed
    }

    /// Changes with each reset, so that a delayed request from before a reset is not executed after it.
    pub(crate) fn generation(&self) -> u64 {
        self.generation
    }

    /// The hosts that webhooks may be sent to, besides this computer.
    pub(crate) fn allowed_webhook_hosts(&self) -> &[String] {
        &self.options.allow_webhooks_to
    }

    /// Does what has become due: deletes all visitors, ends sessions that have timed out, and those of visitors whose pages
    /// are silent. Lets visitors come and go. Returns whether there was anything to do.
    pub(crate) fn do_overdue(&mut self) -> bool {
        let (now_ms, elapsed_ms) = (self.now_ms(), self.clock.elapsed_ms());
        let deleted = self.deletions.apply_due(&mut self.store, now_ms);
        let timed_out = self.store.end_overdue_sessions(now_ms);
        let left = self.store.end_silent_customer_pages(elapsed_ms, now_ms);
        let live = self.live.as_mut().is_some_and(|live| live.do_due(&mut self.store, elapsed_ms, now_ms));
        deleted || timed_out || left || live
    }

    /// When `do_overdue` has something to do, as elapsed real time.
    pub(crate) fn next_due_ms(&self) -> Option<u64> {
        let by_clock = self.store.next_timeout_ms().into_iter().chain(self.deletions.next_due_ms()).min();
        let timeout = by_clock.and_then(|at_ms| self.clock.elapsed_at_ms(at_ms));
        let silence = self.store.customer_pages.next_check_ms();
        let live = self.live.as_ref().map(Live::next_ms);
        timeout.into_iter().chain(silence).chain(live).min()
    }

    pub(crate) fn now_ms(&self) -> i64 {
        self.clock.now_ms()
    }

    /// The value of a `Date` header, which follows the sandbox's clock.
    pub(crate) fn date_header(&mut self) -> HeaderValue {
        let now_ms = self.now_ms();
        self.date_header.at(now_ms)
    }

    pub(crate) fn public_url(&self) -> Option<&PublicUrl> {
        self.options.public_url.as_ref()
    }
}

fn read_state(path: Option<&Path>) -> io::Result<Option<(&Path, Vec<u8>)>> {
    let Some(path) = path else {
        return Ok(None);
    };
    match std::fs::read(path) {
        Ok(json) => Ok(Some((path, json))),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(io::Error::new(error.kind(), format!("cannot read the state {}: {error}", path.display()))),
    }
}

fn initial_store(options: &Options, clock: &Clock) -> Store {
    sample_data::generate(options.seed, options.visitors, options.sessions, clock.base_ms())
}

fn initial_randomness(options: &Options) -> Randomness {
    Randomness::new(options.fixed_links.then_some(options.seed))
}
