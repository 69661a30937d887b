//! The program: prints where the sandbox is, then serves requests until it is stopped.

use std::io::{self, Read, Write};
use std::net::IpAddr;
use std::ops::RangeInclusive;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use clap::Parser;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;
use tokio::sync::Notify;
use upscope_sandbox::{Options, PublicUrl, Sandbox};

/// Creating more records would take too long.
const MAX_RECORDS: i64 = 1_000_000;
/// The years that --now accepts: the clock can be advanced by 1000 years from each of them.
const YEARS: RangeInclusive<i32> = 1970..=8000;

/// Runs a local sandbox of the Upscope REST API, for demos and tests.
#[derive(Parser)]
#[command(
    name = "upscope-sandbox",
    version,
    after_help = "Prints one line of JSON with base_url, api_key and control_url, then serves requests until SIGTERM or SIGINT."
)]
struct Arguments {
    /// The address to listen on
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1")]
    host: IpAddr,
    /// The port to listen on; 0 selects a free port
    #[arg(long, value_name = "N", default_value_t = 0)]
    port: u16,
    /// The URL of the sandbox in its links and in the printed line, for containers and proxies
    #[arg(long, value_name = "URL")]
    public_url: Option<PublicUrl>,
    /// The seed of the sample data
    #[arg(long, value_name = "N", default_value_t = 1)]
    seed: u64,
    /// The number of visitors
    #[arg(long, value_name = "N", default_value_t = 25, value_parser = clap::value_parser!(u32).range(..=MAX_RECORDS))]
    visitors: u32,
    /// The number of sessions, of which one in 40 is under way
    #[arg(long, value_name = "N", default_value_t = 120, value_parser = clap::value_parser!(u32).range(..=MAX_RECORDS))]
    sessions: u32,
    /// Stops the clock at this time, which only /_sandbox/clock advances
    #[arg(long, value_name = "RFC3339", value_parser = parse_time)]
    now: Option<OffsetDateTime>,
    /// Makes watch links and tokens depend on the seed alone: they can be guessed
    #[arg(long)]
    fixed_links: bool,
    /// The file that the state is read from at the start, if it exists, and written to at the end
    #[arg(long, value_name = "FILE")]
    state: Option<PathBuf>,
    /// Lets visitors come and go by themselves
    #[arg(long, conflicts_with = "now")]
    live: bool,
    /// Also sends webhooks to this host, which is not this computer; may be repeated
    #[arg(long, value_name = "HOST")]
    allow_webhooks_to: Vec<String>,
    /// The file with the faults at the start and after each reset: the JSON list that /_sandbox/faults accepts
    #[arg(long, value_name = "FILE", value_parser = read_faults)]
    faults: Option<String>,
    /// Exits when standard input is closed, for example because the parent process ended
    #[arg(long)]
    exit_with_stdin: bool,
}

fn main() -> ExitCode {
    // Prints the help to standard output. Exits with status 2 if an argument is invalid.
    let arguments = Arguments::parse();
    match serve(arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let _ = writeln!(io::stderr(), "upscope-sandbox: {error}");
            ExitCode::FAILURE
        }
    }
}

fn parse_time(text: &str) -> Result<OffsetDateTime, String> {
    let time = OffsetDateTime::parse(text, &Rfc3339)
        .map_err(|_| "it is not an RFC 3339 date; give it like 2026-01-31T09:00:00Z".to_owned())?;
    if !YEARS.contains(&time.year()) {
        return Err(format!("its year is not from {} to {}", YEARS.start(), YEARS.end()));
    }
    Ok(time)
}

impl Arguments {
    fn options(&self) -> Options {
        Options {
            host: self.host,
            port: self.port,
            seed: self.seed,
            visitors: self.visitors as usize,
            sessions: self.sessions as usize,
            public_url: self.public_url.clone(),
            now: self.now,
            fixed_links: self.fixed_links,
            state: self.state.clone(),
            live: self.live,
            allow_webhooks_to: self.allow_webhooks_to.clone(),
            faults: self.faults.clone(),
        }
    }
}

fn read_faults(path: &str) -> Result<String, String> {
    std::fs::read_to_string(path).map_err(|error| format!("cannot read the file: {error}"))
}

fn serve(arguments: Arguments) -> io::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let _guard = runtime.enter();
    let stop = Arc::new(Notify::new());
    // Before the line is printed, because its reader may send a signal immediately.
    stop_on_signals(&runtime, &stop)?;

    let sandbox = Sandbox::start(arguments.options())?;
    let mut output = io::stdout();
    writeln!(output, "{}", sandbox.announcement())?;
    output.flush()?;

    if arguments.exit_with_stdin {
        let stop = stop.clone();
        std::thread::spawn(move || {
            let mut buffer = [0; 1024];
            loop {
                match io::stdin().read(&mut buffer) {
                    Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                    Ok(0) | Err(_) => return stop.notify_one(),
                    Ok(_) => {}
                }
            }
        });
    }
    runtime.block_on(stop.notified());
    sandbox.stop()
}

#[cfg(unix)]
fn stop_on_signals(runtime: &tokio::runtime::Runtime, stop: &Arc<Notify>) -> io::Result<()> {
    use tokio::signal::unix::{SignalKind, signal};
    for kind in [SignalKind::terminate(), SignalKind::interrupt()] {
        let mut signals = signal(kind)?;
        let stop = stop.clone();
        runtime.spawn(async move {
            signals.recv().await;
            stop.notify_one();
        });
    }
    Ok(())
}

#[cfg(windows)]
fn stop_on_signals(runtime: &tokio::runtime::Runtime, stop: &Arc<Notify>) -> io::Result<()> {
    let mut signals = tokio::signal::windows::ctrl_c()?;
    let stop = stop.clone();
    runtime.spawn(async move {
        signals.recv().await;
        stop.notify_one();
    });
    Ok(())
}
