//! The four calls by each client in Rust, in interleaved rounds on warm connections: `bench-clients PORT ROUNDS`.
//!
//! Prints a line for each slice: call, client, round, and of one call nanoseconds of CPU, of wall time, of system time.

mod clients;
mod clock;
mod four_calls;
mod raw_socket;

use clock::Moment;
use four_calls::FOUR_CALLS;

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    let [_, port, rounds] = &arguments[..] else { panic!("usage: bench-clients PORT ROUNDS") };
    let rounds: usize = rounds.parse().expect("how many rounds");
    let mut clients = clients::all(port.parse().expect("a port"));
    for round in 0..rounds {
        for call in FOUR_CALLS {
            for turn in 0..clients.len() {
                // Each client is first as often as last.
                let at = (turn + round) % clients.len();
                let (name, once) = &mut clients[at];
                // Caches are warm again after another client.
                (0..5).for_each(|_| once(call));
                let before = Moment::now();
                (0..call.repeats).for_each(|_| once(call));
                let spent = Moment::now().since(&before).of_one(call.repeats);
                println!("{} {name} {round} {} {} {}", call.name, spent.cpu, spent.wall, spent.system);
            }
        }
    }
}
