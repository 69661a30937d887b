//! The arguments of the program.

use std::ops::RangeInclusive;
use std::path::PathBuf;

use clap::{Arg, ArgAction, Command, value_parser};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;
use upscope_sandbox::{Options, PublicUrl};

/// Creating more records would take too long.
const MAX_RECORDS: i64 = 1_000_000;
/// The years that --now accepts: the clock can be advanced by 1000 years from each of them.
const YEARS: RangeInclusive<i32> = 1970..=8000;

pub struct Arguments {
    pub options: Options,
    /// Whether the program ends when standard input is closed.
    pub exit_with_stdin: bool,
}

impl Arguments {
    /// The arguments of this process. Prints the help to standard output, and exits with status 2 if an argument is invalid.
    pub fn parse() -> Self {
        let mut found = command().get_matches();
        // An argument that has a default always has a value.
        let default = Options::default();
        let options = Options {
            host: found.remove_one("host").unwrap_or(default.host),
            port: found.remove_one("port").unwrap_or(default.port),
            public_url: found.remove_one::<PublicUrl>("public-url"),
            seed: found.remove_one("seed").unwrap_or(default.seed),
            visitors: found.remove_one::<u32>("visitors").map_or(default.visitors, |count| count as usize),
            sessions: found.remove_one::<u32>("sessions").map_or(default.sessions, |count| count as usize),
            now: found.remove_one("now"),
            fixed_links: found.get_flag("fixed-links"),
            state: found.remove_one::<PathBuf>("state"),
            live: found.get_flag("live"),
            allow_webhooks_to: found.remove_many("allow-webhooks-to").into_iter().flatten().collect(),
            faults: found.remove_one("faults"),
        };
        Self { options, exit_with_stdin: found.get_flag("exit-with-stdin") }
    }
}

fn command() -> Command {
    let default = Options::default();
    let option = |name: &'static str, value: &'static str, help: &'static str| {
        Arg::new(name).long(name).value_name(value).help(help)
    };
    let flag = |name: &'static str, help: &'static str| Arg::new(name).long(name).action(ArgAction::SetTrue).help(help);
    let records = || value_parser!(u32).range(..=MAX_RECORDS);
    // The builder compiles in half the time of the derive macro.
    Command::new("upscope-sandbox")
        .version(env!("CARGO_PKG_VERSION"))
        .about("Runs a local sandbox of the Upscope REST API, for demos and tests")
        .after_help(
            "Prints one line of JSON with base_url, api_key and control_url, then serves requests until SIGTERM or SIGINT.",
        )
        .args([
            option("host", "ADDRESS", "The address to listen on")
                .value_parser(value_parser!(std::net::IpAddr))
                .default_value(default.host.to_string()),
            option("port", "N", "The port to listen on; 0 selects a free port")
                .value_parser(value_parser!(u16))
                .default_value(default.port.to_string()),
            option(
                "public-url",
                "URL",
                "The URL of the sandbox in its links and in the printed line, for containers and proxies",
            )
            .value_parser(value_parser!(PublicUrl)),
            option("seed", "N", "The seed of the sample data")
                .value_parser(value_parser!(u64))
                .default_value(default.seed.to_string()),
            option("visitors", "N", "The number of visitors")
                .value_parser(records())
                .default_value(default.visitors.to_string()),
            option("sessions", "N", "The number of sessions, of which one in 40 is under way")
                .value_parser(records())
                .default_value(default.sessions.to_string()),
            option("now", "RFC3339", "Stops the clock at this time, which only /_sandbox/clock advances")
                .value_parser(parse_time),
            flag("fixed-links", "Makes watch links and tokens depend on the seed alone: they can be guessed"),
            option("state", "FILE", "The file that the state is read from at the start, if it exists, and written to at the end")
                .value_parser(value_parser!(PathBuf)),
            flag("live", "Lets visitors come and go by themselves").conflicts_with("now"),
            option("allow-webhooks-to", "HOST", "Also sends webhooks to this host, which is not this computer; may be repeated")
                .action(ArgAction::Append),
            option(
                "faults",
                "FILE",
                "The file with the faults at the start and after each reset: the JSON list that /_sandbox/faults accepts",
            )
            .value_parser(read_faults),
            flag("exit-with-stdin", "Exits when standard input is closed, for example because the parent process ended"),
        ])
}

fn parse_time(text: &str) -> Result<OffsetDateTime, String> {
    let time = OffsetDateTime::parse(text, &Rfc3339)
        .map_err(|_| "it is not an RFC 3339 date; give it like 2026-01-31T09:00:00Z".to_owned())?;
    if !YEARS.contains(&time.year()) {
        return Err(format!("its year is not from {} to {}", YEARS.start(), YEARS.end()));
    }
    Ok(time)
}

fn read_faults(path: &str) -> Result<String, String> {
    std::fs::read_to_string(path).map_err(|error| format!("cannot read the file: {error}"))
}
