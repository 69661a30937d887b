//! "Did you mean": finds the known name that is most similar to an unknown one.

/// The length up to which names are compared, in characters.
const MAX_COMPARED: usize = 64;

/// A clause that ends a sentence about the unknown `name` and suggests a known one; None if `known` is empty.
pub fn suggest(name: &str, known: &[&str], format: impl Fn(&str) -> String) -> Option<String> {
    let (nearest, is_similar) = nearest(name, known)?;
    let nearest = format(nearest);
    Some(match is_similar {
        true => format!("did you mean \"{nearest}\"?"),
        false => format!("the most similar known name is \"{nearest}\"."),
    })
}

/// The known name with the smallest edit distance, and whether it is similar enough to be meant.
fn nearest<'k>(name: &str, known: &[&'k str]) -> Option<(&'k str, bool)> {
    let name: Vec<char> = name.chars().take(MAX_COMPARED).map(fold).collect();
    let distances = known.iter().map(|candidate| {
        let folded: Vec<char> = candidate.chars().map(fold).collect();
        (edit_distance(&name, &folded), *candidate)
    });
    let (distance, candidate) = distances.min_by_key(|(distance, _)| *distance)?;
    Some((candidate, distance <= (candidate.len().max(name.len()) / 2).max(2)))
}

/// Folds case and separators: `maxResults` and `max-results` are similar to `max_results`.
fn fold(c: char) -> char {
    if c == '-' || c == ' ' { '_' } else { c.to_ascii_lowercase() }
}

/// The number of edits (insert, delete, replace, swap neighbours) from one text to the other.
fn edit_distance(a: &[char], b: &[char]) -> usize {
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
    fn similar_names_are_suggested() {
        let known = ["visitor_id", "agent", "max_results", "metadata"];
        assert_eq!(nearest("visitorid", &known), Some(("visitor_id", true)));
        assert_eq!(nearest("vistor_id", &known), Some(("visitor_id", true)));
        assert_eq!(nearest("maxResults", &known), Some(("max_results", true)));
        assert_eq!(nearest("agnet", &known), Some(("agent", true)));
        assert_eq!(nearest("zzzzzzzz", &known).map(|(_, is_similar)| is_similar), Some(false));
        assert_eq!(nearest("x", &[]), None);
    }
}
