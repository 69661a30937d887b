//! Random mutations of responses.

/// Parts that change the meaning of a response if they are inserted or removed.
const PARTS: [&[u8]; 28] = [
    b"\r\n",
    b"\n",
    b"\r",
    b" ",
    b"\t",
    b"\r\n ",
    b"\r\n\r\n",
    b":",
    b";",
    b";a=b",
    b"+",
    b"-",
    b",",
    b"0",
    b"5",
    b"f",
    b"\0",
    b"\x7f",
    b"\xff",
    b"0\r\n\r\n",
    b"5\r\n12345\r\n",
    b"X: y\r\n",
    b"chunked",
    b"Content-Length: 20\r\n",
    b"Content-Length: 5\r\n",
    b"Transfer-Encoding: chunked\r\n",
    b"Connection: close\r\n",
    b"HTTP/1.1 100 Continue\r\n\r\n",
];

/// xorshift64, which produces the same responses on every machine.
pub struct Random(u64);

impl Random {
    pub fn new(seed: u64) -> Random {
        Random(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1)
    }

    pub fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % limit as u64) as usize
    }
}

/// A random response with up to three mutations.
pub fn mutated(responses: &[Vec<u8>], random: &mut Random) -> Vec<u8> {
    let mut response = responses[random.below(responses.len())].clone();
    for _ in 0..=random.below(3) {
        if response.is_empty() {
            break;
        }
        let at = random.below(response.len());
        let part = PARTS[random.below(PARTS.len())];
        match random.below(8) {
            0 => response.truncate(at),
            1 => drop(response.remove(at)),
            2 => response[at] = part[0],
            3 => double_line(&mut response, at),
            4 => remove_line(&mut response, at),
            // A part has more effect at the start of a line.
            5 | 6 => {
                let line = start_of_line(&response, at);
                drop(response.splice(line..line, part.iter().copied()));
            }
            _ => drop(response.splice(at..at, part.iter().copied())),
        }
    }
    response
}

fn start_of_line(response: &[u8], at: usize) -> usize {
    response[..at].iter().rposition(|&byte| byte == b'\n').map_or(0, |end| end + 1)
}

fn line(response: &[u8], at: usize) -> std::ops::Range<usize> {
    let end = response[at..].iter().position(|&byte| byte == b'\n').map_or(response.len(), |end| at + end + 1);
    start_of_line(response, at)..end
}

fn double_line(response: &mut Vec<u8>, at: usize) {
    let line = line(response, at);
    let copy = response[line.clone()].to_vec();
    response.splice(line.start..line.start, copy);
}

fn remove_line(response: &mut Vec<u8>, at: usize) {
    let line = line(response, at);
    response.drain(line);
}
