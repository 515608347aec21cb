//! Suggestions for misspelt names: the nearest of the known ones, if it is near enough.

/// Longest name for which a similar one is suggested, in letters: no typing error is longer, and
/// comparing two names takes memory proportional to the product of their lengths.
pub const SUGGEST_LETTERS_MAX: usize = 64;
/// Least similarity (Jaro-Winkler, from 0 to 1) of a name that is worth suggesting.
pub const SIMILARITY_MIN: f64 = 0.7;

/// The first known name of which `typed` is a word, `fair-mutex` for `mutex`; otherwise the one that
/// resembles it most, if its similarity is at least `least` or they differ by one letter.
pub fn nearest<'a>(
    typed: &str,
    known: impl IntoIterator<Item = &'a str>,
    least: f64,
) -> Option<&'a str> {
    // Comparing takes a hundred times a name's length in memory.
    if typed.chars().count() > SUGGEST_LETTERS_MAX {
        return None;
    }
    let typed = typed.to_lowercase();
    let similarity = |known: &str| strsim::jaro_winkler(known, &typed);
    // Two letters swapped in a short name have little in common for Jaro and Winkler.
    let is_near =
        |known: &str| similarity(known) >= least || strsim::damerau_levenshtein(known, &typed) <= 1;
    // Similar digits are different versions: 3.14 is not a misspelt 3.4.
    let words = known.into_iter().filter(|known| known.starts_with(char::is_alphabetic));
    let words: Vec<&str> = words.collect();
    if let Some(whole) = words.iter().find(|known| known.split('-').any(|part| part == typed)) {
        return Some(whole);
    }
    let near = words.into_iter().filter(|known| is_near(known));
    near.max_by(|a, b| similarity(a).total_cmp(&similarity(b)))
}
