//! The texts of the request log: heads, bodies and notes. They are stored in blocks. Equal texts in the newest block are
//! stored once, and a thread compresses each block when it is full.

use std::collections::{HashMap, VecDeque};
use std::io::{Read, Write};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{SyncSender, sync_channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use flate2::Compression;
use flate2::read::DeflateDecoder;
use flate2::write::DeflateEncoder;
use foldhash::fast::RandomState;

/// Larger blocks are compressed better, but take longer to read.
const BLOCK_BYTES: usize = 256 << 10;
/// How many full blocks may wait for the thread. Further blocks stay as they are.
const MAX_WAITING_BLOCKS: usize = 32;

/// The place of a text in the store.
#[derive(Clone, Copy)]
pub(super) struct Text {
    block: u32,
    start: u32,
    length: u32,
}

impl Text {
    /// An empty text, which no block holds.
    pub(super) const EMPTY: Self = Self { block: u32::MAX, start: 0, length: 0 };
}

#[derive(Default)]
pub(super) struct TextStore {
    blocks: VecDeque<Arc<Block>>,
    /// The number of the oldest block.
    oldest: u32,
    /// The places of the texts in the newest block, by their hash.
    newest_texts: HashMap<u64, Text, RandomState>,
    hasher: RandomState,
    usage: Arc<Usage>,
    compressor: Option<SyncSender<Arc<Block>>>,
}

/// What the store shares with the compressing thread.
#[derive(Default)]
struct Usage {
    /// The memory of all blocks in the store. The thread reduces it.
    bytes: AtomicUsize,
    /// How many full blocks wait for the thread.
    waiting_blocks: AtomicUsize,
}

impl TextStore {
    pub(super) fn bytes(&self) -> usize {
        self.usage.bytes.load(Ordering::Relaxed)
    }

    /// The number of the block that the next text goes into, or a lower one.
    pub(super) fn newest_block(&self) -> u32 {
        self.oldest + self.blocks.len().saturating_sub(1) as u32
    }

    pub(super) fn add(&mut self, text: &[u8]) -> Text {
        let Ok(length) = u32::try_from(text.len()) else {
            return Text::EMPTY;
        };
        if length == 0 {
            return Text::EMPTY;
        }
        let hash = std::hash::BuildHasher::hash_one(&self.hasher, text);
        if let Some(known) = self.newest_texts.get(&hash)
            && self.newest_holds(*known, text)
        {
            return *known;
        }
        let is_full = self.blocks.back().is_none_or(|block| !block.has_room_for(text.len()));
        if is_full {
            self.start_block();
        }
        let block_number = self.newest_block();
        let Some(block) = self.blocks.back() else {
            return Text::EMPTY;
        };
        let start = block.append(text);
        self.usage.bytes.fetch_add(text.len(), Ordering::Relaxed);
        let added = Text { block: block_number, start, length };
        self.newest_texts.insert(hash, added);
        added
    }

    fn newest_holds(&self, known: Text, text: &[u8]) -> bool {
        let Some(block) = self.blocks.back() else {
            return false;
        };
        let content = block.content();
        matches!(&content.stored, Stored::Plain(bytes) if known.of(bytes) == text)
    }

    fn start_block(&mut self) {
        if let Some(full) = self.blocks.back() {
            let compressor = self.compressor.take().or_else(|| start_compressor(self.usage.clone()));
            // If the thread cannot keep up, the block stays as it is, and the log keeps fewer requests.
            self.usage.waiting_blocks.fetch_add(1, Ordering::Relaxed);
            if compressor.as_ref().is_none_or(|compressor| compressor.try_send(full.clone()).is_err()) {
                self.usage.waiting_blocks.fetch_sub(1, Ordering::Relaxed);
            }
            self.compressor = compressor;
        }
        self.newest_texts.clear();
        let bytes = Vec::with_capacity(BLOCK_BYTES);
        let content = BlockContent { stored: Stored::Plain(bytes), is_detached: false };
        self.blocks.push_back(Arc::new(Block(Mutex::new(content))));
    }

    /// Removes the blocks before this one.
    pub(super) fn remove_before(&mut self, block_number: u32) {
        while self.oldest < block_number
            && self.blocks.len() > 1
            && let Some(block) = self.blocks.pop_front()
        {
            self.oldest += 1;
            self.usage.bytes.fetch_sub(block.detach(), Ordering::Relaxed);
        }
    }

    pub(super) fn clear(&mut self) {
        self.start_block();
        self.remove_before(u32::MAX);
    }

    /// The blocks from this one on, to read texts from without the log's lock.
    pub(super) fn reader(&self, from_block: u32) -> TextReader {
        let skipped = usize::try_from(from_block.saturating_sub(self.oldest)).unwrap_or(usize::MAX);
        TextReader {
            blocks: self.blocks.iter().skip(skipped).cloned().collect(),
            first: self.oldest.max(from_block),
            unpacked: Vec::new(),
        }
    }
}

struct Block(Mutex<BlockContent>);

struct BlockContent {
    stored: Stored,
    /// Whether the store has removed this block and no longer counts it.
    is_detached: bool,
}

enum Stored {
    Plain(Vec<u8>),
    Compressed(Arc<[u8]>),
}

impl Block {
    fn content(&self) -> MutexGuard<'_, BlockContent> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn has_room_for(&self, length: usize) -> bool {
        match &self.content().stored {
            Stored::Plain(bytes) => bytes.is_empty() || bytes.len() + length <= BLOCK_BYTES,
            Stored::Compressed(_) => false,
        }
    }

    fn append(&self, text: &[u8]) -> u32 {
        match &mut self.content().stored {
            Stored::Plain(bytes) => {
                let start = bytes.len();
                bytes.extend_from_slice(text);
                // A block is not larger than its first text or BLOCK_BYTES.
                u32::try_from(start).unwrap_or(u32::MAX)
            }
            Stored::Compressed(_) => u32::MAX,
        }
    }

    /// Returns the bytes that the store has counted for this block.
    fn detach(&self) -> usize {
        let mut content = self.content();
        content.is_detached = true;
        content.stored.length()
    }

    fn compress(&self, level: Compression, counted: &AtomicUsize) {
        // The block is full, so nothing is appended to it meanwhile.
        let plain = match &mut self.content().stored {
            Stored::Plain(bytes) => bytes.clone(),
            Stored::Compressed(_) => return,
        };
        let mut encoder = DeflateEncoder::new(Vec::new(), level);
        let Ok(compressed) = encoder.write_all(&plain).and_then(|()| encoder.finish()) else {
            return;
        };
        if compressed.len() >= plain.len() {
            return;
        }
        let compressed = Stored::Compressed(compressed.into());
        let mut content = self.content();
        if !content.is_detached {
            counted.fetch_sub(plain.len() - compressed.length(), Ordering::Relaxed);
        }
        content.stored = compressed;
    }
}

impl Stored {
    fn length(&self) -> usize {
        match self {
            Self::Plain(bytes) => bytes.len(),
            Self::Compressed(bytes) => bytes.len(),
        }
    }
}

/// Returns `None` if the system cannot start a thread. The thread ends when the store is dropped.
fn start_compressor(usage: Arc<Usage>) -> Option<SyncSender<Arc<Block>>> {
    let (sender, full_blocks) = sync_channel::<Arc<Block>>(MAX_WAITING_BLOCKS);
    let compress_all = move || {
        for block in full_blocks {
            let is_behind = usage.waiting_blocks.load(Ordering::Relaxed) > MAX_WAITING_BLOCKS / 2;
            block.compress(if is_behind { Compression::fast() } else { Compression::default() }, &usage.bytes);
            usage.waiting_blocks.fetch_sub(1, Ordering::Relaxed);
        }
    };
    std::thread::Builder::new().name("sandbox-log".to_owned()).spawn(compress_all).ok()?;
    Some(sender)
}

impl Text {
    fn of(self, block: &[u8]) -> &[u8] {
        let start = self.start as usize;
        block.get(start..start + self.length as usize).unwrap_or_default()
    }
}

/// Reads texts. It keeps the blocks that it unpacked last, because the texts of a request are close to each other.
pub(super) struct TextReader {
    blocks: Vec<Arc<Block>>,
    first: u32,
    unpacked: Vec<(u32, Vec<u8>)>,
}

impl TextReader {
    /// Takes over the unpacked blocks of the reader before this one.
    pub(super) fn continue_from(&mut self, earlier: Self) {
        self.unpacked = earlier.unpacked;
    }

    pub(super) fn read(&mut self, text: Text) -> String {
        self.read_bytes(text).map_or_else(String::new, |bytes| String::from_utf8_lossy(&bytes).into_owned())
    }

    fn read_bytes(&mut self, text: Text) -> Option<Vec<u8>> {
        const KEPT: usize = 4;
        if text.length == 0 {
            return None;
        }
        if let Some((_, bytes)) = self.unpacked.iter().find(|(number, _)| *number == text.block) {
            return Some(text.of(bytes).to_vec());
        }
        let position = usize::try_from(text.block.checked_sub(self.first)?).ok()?;
        let compressed = match &self.blocks.get(position)?.content().stored {
            Stored::Plain(bytes) => return Some(text.of(bytes).to_vec()),
            Stored::Compressed(bytes) => bytes.clone(),
        };
        let mut bytes = Vec::with_capacity(BLOCK_BYTES);
        DeflateDecoder::new(&compressed[..]).read_to_end(&mut bytes).ok()?;
        let found = text.of(&bytes).to_vec();
        self.unpacked.insert(0, (text.block, bytes));
        self.unpacked.truncate(KEPT);
        Some(found)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stores_equal_texts_once() {
        let mut store = TextStore::default();
        let first = store.add(b"visitor");
        let second = store.add(b"session");
        let again = store.add(b"visitor");
        assert_eq!(store.bytes(), "visitorsession".len());
        let mut reader = store.reader(0);
        assert_eq!([first, second, again].map(|text| reader.read(text)), ["visitor", "session", "visitor"]);
        assert_eq!(reader.read(Text::EMPTY), "");
    }

    #[test]
    fn reads_compressed_blocks_and_forgets_removed_ones() {
        let mut store = TextStore::default();
        let text_of = |number: usize| format!("{number} ").repeat(1_000);
        let texts: Vec<Text> = (0..300).map(|number| store.add(text_of(number).as_bytes())).collect();
        let large = "x".repeat(3 * BLOCK_BYTES);
        let large_text = store.add(large.as_bytes());
        // The newest block is never compressed. The others are small when the thread has compressed them.
        let deadline = std::time::Instant::now() + std::time::Duration::from_secs(60);
        while store.bytes() > 7 * BLOCK_BYTES / 2 {
            assert!(std::time::Instant::now() < deadline, "{} bytes", store.bytes());
            std::thread::yield_now();
        }
        let mut reader = store.reader(0);
        for (number, text) in texts.iter().enumerate() {
            assert_eq!(reader.read(*text), text_of(number));
        }
        assert_eq!(reader.read(large_text), large);

        store.remove_before(large_text.block);
        assert_eq!(store.bytes(), large.len());
        let mut later = store.reader(0);
        assert_eq!((later.read(texts[0]), later.read(large_text)), (String::new(), large));
        // An earlier reader keeps its blocks.
        assert_eq!(reader.read(texts[299]), text_of(299));
        store.clear();
        assert_eq!(store.bytes(), 0);
    }
}
