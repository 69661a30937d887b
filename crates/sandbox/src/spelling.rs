//! Suggestions for misspelt names.

/// `found` is the sentence so far. Adds the known name that is most similar to `name`, or all known names.
pub(crate) fn unknown(found: &str, name: &str, known: &[&str]) -> String {
    // A third of the characters may differ.
    let max_distance = name.chars().count().div_ceil(3);
    let distances = known.iter().map(|known| (strsim::damerau_levenshtein(name, known), known));
    match distances.filter(|(distance, _)| *distance <= max_distance).min_by_key(|(distance, _)| *distance) {
        Some((_, nearest)) => format!("{found}; did you mean {nearest}?"),
        None => format!("{found}; known: {}", known.join(", ")),
    }
}
