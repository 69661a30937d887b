//! Makes the four calls with each Rust client, in interleaved rounds on warm connections: `bench-clients PORT ROUNDS`.
//!
//! Prints a line for each slice: call, client, round, and the CPU, wall and system time of one call in nanoseconds.

mod cases;
mod clients;
mod clock;
mod raw_socket;

use cases::CASES;
use clock::Moment;

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    let [_, port, rounds] = &arguments[..] else { panic!("usage: bench-clients PORT ROUNDS") };
    let rounds: usize = rounds.parse().expect("how many rounds");
    let mut clients = clients::all(port.parse().expect("a port"));
    for round in 0..rounds {
        for call in CASES {
            for turn in 0..clients.len() {
                // Each client comes first equally often.
                let at = (turn + round) % clients.len();
                let (name, once) = &mut clients[at];
                // Warms the caches again after another client.
                (0..5).for_each(|_| once(call));
                let before = Moment::now();
                (0..call.repeats).for_each(|_| once(call));
                let spent = Moment::now().since(&before).of_one(call.repeats);
                println!("{} {name} {round} {} {} {}", call.name, spent.cpu, spent.wall, spent.system);
            }
        }
    }
}
