//! The known name nearest to one that is not known, for "did you mean".

/// A hint at the nearest of `known`, to end a sentence about `name`. None when nothing is known.
pub(crate) fn hint(name: &str, known: &[&str], shown: impl Fn(&str) -> String) -> Option<String> {
    let (near, likely) = nearest(name, known)?;
    Some(match likely {
        true => format!("did you mean \"{}\"?", shown(near)),
        false => format!("the nearest that it knows is \"{}\".", shown(near)),
    })
}

/// The nearest of `known`, and whether it is near enough to be what was meant.
fn nearest<'k>(name: &str, known: &[&'k str]) -> Option<(&'k str, bool)> {
    let wanted: Vec<char> = name.chars().take(64).map(fold).collect();
    let distances = known.iter().map(|candidate| {
        let letters: Vec<char> = candidate.chars().map(fold).collect();
        (distance(&wanted, &letters), *candidate)
    });
    let (distance, candidate) = distances.min_by_key(|(distance, _)| *distance)?;
    Some((candidate, distance <= (candidate.len().max(wanted.len()) / 2).max(2)))
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
        assert_eq!(nearest("visitorid", &known), Some(("visitor_id", true)));
        assert_eq!(nearest("vistor_id", &known), Some(("visitor_id", true)));
        assert_eq!(nearest("maxResults", &known), Some(("max_results", true)));
        assert_eq!(nearest("agnet", &known), Some(("agent", true)));
        assert_eq!(nearest("zzzzzzzz", &known).map(|(_, likely)| likely), Some(false));
        assert_eq!(nearest("x", &[]), None);
    }
}
