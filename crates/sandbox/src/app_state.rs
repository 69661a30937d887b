//! The state of one sandbox: the data of the imitated service, the clock, the faults and the request log.

use crate::Options;
use crate::clock::Clock;
use crate::faults::Faults;
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
    pub(crate) request_log: RequestLog,
    pub(crate) webhook_log: WebhookLog,
    pub(crate) webhook_retries: RetryPolicy,
    pub(crate) randomness: Randomness,
    generation: u64,
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
            request_log: RequestLog::default(),
            webhook_log: WebhookLog::default(),
            webhook_retries: RetryPolicy::default(),
            randomness: initial_randomness(options),
            generation: 0,
        }
    }

    pub(crate) fn reset(&mut self) {
        self.clock.reset();
        self.store = initial_store(&self.options, &self.clock);
        self.faults = Faults::default();
        self.request_log.clear();
        self.webhook_log.clear();
        self.webhook_retries = RetryPolicy::default();
        self.randomness = initial_randomness(&self.options);
        self.generation += 1;
    }

    /// Changes with each reset, so that a delayed request from before a reset is not executed after it.
    pub(crate) fn generation(&self) -> u64 {
        self.generation
    }

    /// The hosts that webhooks may be sent to, besides this computer.
    pub(crate) fn allowed_webhook_hosts(&self) -> &[String] {
        &self.options.allow_webhooks_to
    }

    /// Does what has become due: ends sessions that have timed out, and those of visitors whose pages are silent. Returns
    /// whether there was anything to do.
    pub(crate) fn do_overdue(&mut self) -> bool {
        let (now_ms, elapsed_ms) = (self.now_ms(), self.clock.elapsed_ms());
        let timed_out = self.store.end_overdue_sessions(now_ms);
        self.store.end_silent_customer_pages(elapsed_ms, now_ms) | timed_out
    }

    /// When `do_overdue` has something to do, as elapsed real time.
    pub(crate) fn next_due_ms(&self) -> Option<u64> {
        let timeout = self.store.next_timeout_ms().and_then(|at_ms| self.clock.elapsed_at_ms(at_ms));
        let silence = self.store.customer_pages.next_check_ms();
        timeout.into_iter().chain(silence).min()
    }

    pub(crate) fn now_ms(&self) -> i64 {
        self.clock.now_ms()
    }

    pub(crate) fn public_url(&self) -> Option<&PublicUrl> {
        self.options.public_url.as_ref()
    }
}

fn initial_store(options: &Options, clock: &Clock) -> Store {
    sample_data::generate(options.seed, options.visitors, options.sessions, clock.base_ms())
}

fn initial_randomness(options: &Options) -> Randomness {
    Randomness::new(options.fixed_links.then_some(options.seed))
}
