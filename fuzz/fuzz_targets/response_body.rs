#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| upscope_fuzz::response_body::run(data));
