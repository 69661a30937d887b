//! The program: says where the sandbox is, then serves until it is told to stop.

use std::io::{self, Read, Write};
use std::process::ExitCode;
use std::sync::Arc;

use lexopt::prelude::{Long, Short, ValueExt};
use tokio::sync::Notify;
use upscope_sandbox::{Options, Sandbox};

const HELP: &str = "\
Imitates the Upscope REST API on 127.0.0.1, for demos and tests.

Usage: upscope-sandbox [options]

  --port N           the port to listen on; 0, the default, for any that is free
  --seed N           the seed of the data (default 1)
  --visitors N       how many visitors there are (default 25)
  --sessions N       how many sessions they have had (default 120)
  --exit-with-stdin  stop when standard input ends, as it does when the parent process dies
  --help             show this and stop
  --version          show the version and stop

Prints one line of JSON with base_url, api_key and control_url, then serves until SIGTERM or SIGINT.
";
/// More would take longer to make than anyone waits for.
const MOST_RECORDS: usize = 1_000_000;

enum Command {
    Serve { options: Options, exit_with_stdin: bool },
    Show(String),
}

fn main() -> ExitCode {
    let (code, sentence) = match read_arguments() {
        Ok(Command::Show(text)) => (1, io::stdout().write_all(text.as_bytes()).err().map(|why| why.to_string())),
        Ok(Command::Serve { options, exit_with_stdin }) => {
            let failed = serve(options, exit_with_stdin).err();
            (1, failed.map(|why| why.to_string()))
        }
        Err(why) => (2, Some(format!("{why}; see --help"))),
    };
    match sentence {
        None => ExitCode::SUCCESS,
        Some(sentence) => {
            let _ = writeln!(io::stderr(), "upscope-sandbox: {sentence}");
            ExitCode::from(code)
        }
    }
}

fn read_arguments() -> Result<Command, lexopt::Error> {
    let mut options = Options::default();
    let mut exit_with_stdin = false;
    let mut arguments = lexopt::Parser::from_env();
    while let Some(argument) = arguments.next()? {
        match argument {
            Long("port") => options.port = number(&mut arguments, "--port", u16::MAX.into())? as u16,
            Long("seed") => options.seed = number(&mut arguments, "--seed", u64::MAX)?,
            Long("visitors") => options.visitors = number(&mut arguments, "--visitors", MOST_RECORDS as u64)? as usize,
            Long("sessions") => options.sessions = number(&mut arguments, "--sessions", MOST_RECORDS as u64)? as usize,
            Long("exit-with-stdin") => exit_with_stdin = true,
            Long("help") | Short('h') => return Ok(Command::Show(HELP.to_owned())),
            Long("version") | Short('V') => {
                return Ok(Command::Show(concat!("upscope-sandbox ", env!("CARGO_PKG_VERSION"), "\n").to_owned()));
            }
            other => return Err(other.unexpected()),
        }
    }
    Ok(Command::Serve { options, exit_with_stdin })
}

fn number(arguments: &mut lexopt::Parser, name: &str, most: u64) -> Result<u64, lexopt::Error> {
    let text = arguments.value()?.string()?;
    match text.parse() {
        Ok(number) if number <= most => Ok(number),
        _ => Err(format!("{name} takes a number from 0 to {most}, not {text:?}").into()),
    }
}

fn serve(options: Options, exit_with_stdin: bool) -> io::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let _inside = runtime.enter();
    let stop = Arc::new(Notify::new());
    // Before the line is printed: whoever has read it may send a signal at once.
    stop_at_signals(&runtime, &stop)?;

    let port = options.port;
    let sandbox = Sandbox::start(options)
        .map_err(|why| io::Error::new(why.kind(), format!("cannot listen on port {port}: {why}")))?;
    let mut output = io::stdout();
    writeln!(output, "{}", sandbox.announcement())?;
    output.flush()?;

    if exit_with_stdin {
        let stop = stop.clone();
        std::thread::spawn(move || {
            let mut buffer = [0; 1024];
            loop {
                match io::stdin().read(&mut buffer) {
                    Err(why) if why.kind() == io::ErrorKind::Interrupted => {}
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
fn stop_at_signals(runtime: &tokio::runtime::Runtime, stop: &Arc<Notify>) -> io::Result<()> {
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
fn stop_at_signals(runtime: &tokio::runtime::Runtime, stop: &Arc<Notify>) -> io::Result<()> {
    let mut signals = tokio::signal::windows::ctrl_c()?;
    let stop = stop.clone();
    runtime.spawn(async move {
        signals.recv().await;
        stop.notify_one();
    });
    Ok(())
}
