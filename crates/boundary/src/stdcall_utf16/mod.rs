//! Exports for languages that call stdcall functions with UTF-16 strings, such as VB6 and VBA.
//!
//! No header declares them: `docs/windows.md` lists them, and `bindings/vb6` declares them. Each export calls the C
//! function of the same name, with the same checks, errors and ownership. Strings come in as NUL-terminated UTF-16
//! and go out as `upscope_text` handles. There are no callbacks, because VB6 code must run on its own thread;
//! programs poll from a timer.
//!
//! Only Windows builds export these functions. Their tests run on every system.

mod exports;
#[cfg(test)]
mod tests;
mod text;
