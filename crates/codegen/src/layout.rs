//! Wraps paragraphs and lists that are too long for one line.

/// Wraps a paragraph. `first` is the prefix of its first line, `rest` that of the others.
pub fn wrap(text: &str, width: usize, first: &str, rest: &str) -> String {
    let mut lines = vec![first.to_owned()];
    let mut empty = true;
    for word in text.split_whitespace() {
        let line = lines.last().map_or(0, |line| line.chars().count());
        if !empty && line + 1 + word.chars().count() > width {
            lines.push(rest.to_owned());
            empty = true;
        }
        if let Some(line) = lines.last_mut() {
            if !empty {
                line.push(' ');
            }
            line.push_str(word);
            empty = false;
        }
    }
    let lines: Vec<&str> = lines.iter().map(|line| line.trim_end()).collect();
    lines.join("\n")
}

/// Wraps paragraphs that are separated by empty lines. `prefix` is the prefix of every line.
pub fn paragraphs(text: &str, width: usize, prefix: &str) -> String {
    let all: Vec<String> = text.split("\n\n").map(|part| wrap(part, width, prefix, prefix)).collect();
    all.join(&format!("\n{}\n", prefix.trim_end()))
}

/// Formats `start`, the parts and `end` like the formatters of Python and Rust: on one line; else the parts on a line
/// of their own; else one part on each line, with a trailing comma.
pub fn call(start: &str, parts: &[String], end: &str, indent: usize, width: usize, parts_on_one_line: bool) -> String {
    let pad = " ".repeat(indent);
    let fits = |line: &str| line.chars().count() <= width;
    let joined = parts.join(", ");
    let line = format!("{pad}{start}{joined}{end}");
    if fits(&line) {
        return line;
    }
    let inner = format!("{pad}    ");
    let parts_line = format!("{inner}{joined}");
    if parts_on_one_line && fits(&parts_line) {
        return format!("{pad}{start}\n{parts_line}\n{pad}{end}");
    }
    let lines: Vec<String> = parts.iter().map(|part| format!("{inner}{part},\n")).collect();
    format!("{pad}{start}\n{}{pad}{end}", lines.concat())
}

/// Formats `start`, the parts and `end` with as many parts on each line as fit. `rest` is the prefix of all lines but
/// the first.
pub fn fill(start: &str, parts: &[String], separator: &str, end: &str, width: usize, rest: &str) -> String {
    let mut out = String::new();
    let mut line = start.to_owned();
    let last = parts.len().saturating_sub(1);
    for (index, part) in parts.iter().enumerate() {
        let after = if index == last { end } else { separator };
        let needed = line.chars().count() + part.chars().count() + after.trim_end().chars().count();
        if needed > width && index > 0 {
            out.push_str(line.trim_end());
            out.push('\n');
            line = rest.to_owned();
        }
        line.push_str(part);
        line.push_str(after);
    }
    if parts.is_empty() {
        line.push_str(end);
    }
    out + &line
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paragraphs_are_wrapped() {
        assert_eq!(wrap("a bb ccc", 6, "- ", "  "), "- a bb\n  ccc");
        assert_eq!(wrap("", 6, "/// ", "/// "), "///");
        assert_eq!(paragraphs("a b\n\nc", 9, "/// "), "/// a b\n///\n/// c");
    }

    #[test]
    fn lists_are_wrapped() {
        let parts = ["a: int".to_owned(), "b: int".to_owned()];
        assert_eq!(call("f(", &parts, ")", 0, 20, true), "f(a: int, b: int)");
        assert_eq!(call("f(", &parts, ") -> None", 0, 20, true), "f(\n    a: int, b: int\n) -> None");
        assert_eq!(call("f(", &parts, ")", 0, 12, true), "f(\n    a: int,\n    b: int,\n)");
        assert_eq!(fill("f(", &parts, ", ", ");", 12, "  "), "f(a: int,\n  b: int);");
    }
}
