#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| upscope_fuzz::json_get::run(data));
