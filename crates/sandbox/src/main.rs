//! The program: prints where the sandbox is, then serves requests until it is stopped.

mod arguments;

use std::io::{self, Read, Write};
use std::process::ExitCode;
use std::sync::Arc;

use arguments::Arguments;
use tokio::sync::Notify;
use upscope_sandbox::Sandbox;

fn main() -> ExitCode {
    match serve(Arguments::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let _ = writeln!(io::stderr(), "upscope-sandbox: {error}");
            ExitCode::FAILURE
        }
    }
}

fn serve(arguments: Arguments) -> io::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let _guard = runtime.enter();
    let stop = Arc::new(Notify::new());
    // Before the line is printed, because its reader may send a signal immediately.
    stop_on_signals(&runtime, &stop)?;

    let sandbox = Sandbox::start(arguments.options)?;
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
