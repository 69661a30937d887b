//! The program: prints where the sandbox is, then serves requests until it is stopped.

use std::io::{self, Read, Write};
use std::process::ExitCode;
use std::sync::Arc;

use lexopt::prelude::{Long, Short, ValueExt};
use tokio::sync::Notify;
use upscope_sandbox::{Options, Sandbox};

const HELP: &str = "\
Runs a local sandbox of the Upscope REST API on 127.0.0.1, for demos and tests.

Usage: upscope-sandbox [options]

  --port N           the port to listen on; 0 selects a free port (default 0)
  --seed N           the seed of the sample data (default 1)
  --visitors N       the number of visitors (default 25)
  --sessions N       the number of past sessions (default 120)
  --faults FILE      the faults at the start and after each reset, as a JSON list
  --exit-with-stdin  exit when standard input is closed, for example because the parent process ended
  --help             print this help and exit
  --version          print the version and exit

Prints one line of JSON with base_url, api_key and control_url, then serves requests until SIGTERM or SIGINT.
";
/// Creating more records would take too long.
const MAX_RECORDS: usize = 1_000_000;

enum Command {
    Serve { options: Options, exit_with_stdin: bool },
    Print(String),
}

fn main() -> ExitCode {
    let (code, error) = match parse_arguments() {
        Ok(Command::Print(text)) => (1, io::stdout().write_all(text.as_bytes()).err().map(|error| error.to_string())),
        Ok(Command::Serve { options, exit_with_stdin }) => {
            let error = serve(options, exit_with_stdin).err();
            (1, error.map(|error| error.to_string()))
        }
        Err(error) => (2, Some(format!("{error}; see --help"))),
    };
    match error {
        None => ExitCode::SUCCESS,
        Some(error) => {
            let _ = writeln!(io::stderr(), "upscope-sandbox: {error}");
            ExitCode::from(code)
        }
    }
}

fn parse_arguments() -> Result<Command, lexopt::Error> {
    let mut options = Options::default();
    let mut exit_with_stdin = false;
    let mut arguments = lexopt::Parser::from_env();
    while let Some(argument) = arguments.next()? {
        match argument {
            Long("port") => options.port = parse_number(&mut arguments, "--port", u16::MAX.into())? as u16,
            Long("seed") => options.seed = parse_number(&mut arguments, "--seed", u64::MAX)?,
            Long("visitors") => {
                options.visitors = parse_number(&mut arguments, "--visitors", MAX_RECORDS as u64)? as usize
            }
            Long("sessions") => {
                options.sessions = parse_number(&mut arguments, "--sessions", MAX_RECORDS as u64)? as usize
            }
            Long("faults") => options.faults = Some(read_faults(&arguments.value()?.string()?)?),
            Long("exit-with-stdin") => exit_with_stdin = true,
            Long("help") | Short('h') => return Ok(Command::Print(HELP.to_owned())),
            Long("version") | Short('V') => {
                return Ok(Command::Print(concat!("upscope-sandbox ", env!("CARGO_PKG_VERSION"), "\n").to_owned()));
            }
            other => return Err(other.unexpected()),
        }
    }
    Ok(Command::Serve { options, exit_with_stdin })
}

fn parse_number(arguments: &mut lexopt::Parser, name: &str, max: u64) -> Result<u64, lexopt::Error> {
    let text = arguments.value()?.string()?;
    match text.parse() {
        Ok(number) if number <= max => Ok(number),
        _ => Err(format!("{name} takes a number from 0 to {max}, not {text:?}").into()),
    }
}

fn read_faults(path: &str) -> Result<String, lexopt::Error> {
    std::fs::read_to_string(path).map_err(|error| format!("--faults: cannot read {path}: {error}").into())
}

fn serve(options: Options, exit_with_stdin: bool) -> io::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let _guard = runtime.enter();
    let stop = Arc::new(Notify::new());
    // Before the line is printed, because its reader may send a signal immediately.
    stop_on_signals(&runtime, &stop)?;

    let port = options.port;
    let sandbox = Sandbox::start(options).map_err(|error| match error.kind() {
        io::ErrorKind::InvalidInput => io::Error::new(error.kind(), format!("--faults: {error}")),
        kind => io::Error::new(kind, format!("cannot listen on port {port}: {error}")),
    })?;
    let mut output = io::stdout();
    writeln!(output, "{}", sandbox.announcement())?;
    output.flush()?;

    if exit_with_stdin {
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
    drop(sandbox);
    Ok(())
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
