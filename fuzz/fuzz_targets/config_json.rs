#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| upscope_fuzz::config_json::run(data));
