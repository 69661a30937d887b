//! Template filters for texts and lists that are not specific to a language.

use minijinja::Environment;

use crate::layout;

pub fn add_to(environment: &mut Environment<'static>) {
    environment.add_filter("camel", |name: &str| camel(name));
    environment.add_filter("lower_camel", |name: &str| lower_first(&camel(name)));
    environment.add_filter("upper_first", |text: &str| upper_first(text));
    environment.add_filter("lower_first", |text: &str| lower_first(text));
    environment.add_filter("quoted", |text: &str| text.replace("`{}`", "{}").replace('`', "\""));
    environment.add_filter("plain", |text: &str| text.replace('`', ""));
    environment.add_filter("xml", |text: &str| text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;"));
    environment.add_filter("prefixed", |text: &str, prefix: &str| format!("{prefix}{text}"));
    environment.add_filter("single_quoted", |text: &str| format!("'{text}'"));
    environment.add_filter("json", |value: minijinja::Value| serde_json::to_string(&value).unwrap_or_default());
    environment.add_filter("rust_raw", |text: &str| format!("r#\"{text}\"#"));
    environment.add_filter("wrap", |text: &str, width: usize, first: &str, rest: Option<&str>| {
        layout::wrap(text, width, first, rest.unwrap_or(first))
    });
    environment.add_filter("paragraphs", layout::paragraphs);
    environment.add_filter("call", |parts: Vec<String>, start: &str, end: &str, indent: usize, width: usize| {
        layout::call(start, &parts, end, indent, width, true)
    });
    // In Basic, an underscore continues a line.
    environment.add_filter("fill_basic", |parts: Vec<String>, start: &str, end: &str, width: usize, rest: &str| {
        layout::fill(start, &parts, ", ", end, width, rest).replace(",\n", ", _\n")
    });
    for (name, separator) in [("fill", ", "), ("fill_semicolons", "; ")] {
        environment.add_filter(name, move |parts: Vec<String>, start: &str, end: &str, width: usize, rest: &str| {
            layout::fill(start, &parts, separator, end, width, rest)
        });
    }
}

/// `visitor_id` as `VisitorId`.
pub fn camel(name: &str) -> String {
    name.split('_').map(upper_first).collect()
}

fn upper_first(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

fn lower_first(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_lowercase().chain(letters).collect())
}
