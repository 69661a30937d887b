//! The known name nearest to one that is not known, for "did you mean".

/// The nearest of `known`, or None when none is near enough to be what was meant.
pub(crate) fn nearest<'k>(name: &str, known: &[&'k str]) -> Option<&'k str> {
    let wanted: Vec<char> = name.chars().take(64).map(fold).collect();
    known
        .iter()
        .map(|candidate| {
            let letters: Vec<char> = candidate.chars().map(fold).collect();
            (distance(&wanted, &letters), *candidate)
        })
        .filter(|(distance, candidate)| *distance <= (candidate.len().max(wanted.len()) / 2).max(2))
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

/// `maxResults` and `max-results` are near to `max_results`.
fn fold(c: char) -> char {
    if c == '-' || c == ' ' { '_' } else { c.to_ascii_lowercase() }
}

/// Edits (insert, delete, replace, swap neighbours) from one text to the other.
fn distance(a: &[char], b: &[char]) -> usize {
    let mut before_last: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=b.len()).collect();
    for i in 0..a.len() {
        let mut row = vec![i + 1];
        for j in 0..b.len() {
            let replace = last[j] + usize::from(a[i] != b[j]);
            let mut best = replace.min(last[j + 1] + 1).min(row[j] + 1);
            if i > 0 && j > 0 && a[i] == b[j - 1] && a[i - 1] == b[j] {
                best = best.min(before_last[j - 1] + 1);
            }
            row.push(best);
        }
        before_last = std::mem::replace(&mut last, row);
    }
    last[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_what_was_meant() {
        let known = ["visitor_id", "agent", "max_results", "metadata"];
        assert_eq!(nearest("visitorid", &known), Some("visitor_id"));
        assert_eq!(nearest("vistor_id", &known), Some("visitor_id"));
        assert_eq!(nearest("maxResults", &known), Some("max_results"));
        assert_eq!(nearest("agnet", &known), Some("agent"));
        assert_eq!(nearest("zzzzzzzz", &known), None);
        assert_eq!(nearest("x", &[]), None);
    }
}
