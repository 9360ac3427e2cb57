//! Words that must not stand where a stranger could read them: sender names, domains, links (domain section 7).

/// The first of `words` that `text` contains, in any case.
///
/// A word of four letters or fewer counts only where it stands alone (`case.example.org`, not `showcase.example.org`); a longer
/// one counts inside another too (`mentorordning.example.org`).
pub fn find_forbidden<'w>(text: &str, words: &'w [String]) -> Option<&'w str> {
    let text = text.to_lowercase();
    let stands = |word: &str| {
        if word.chars().count() > 4 { text.contains(word) } else { text.split(|c: char| !c.is_alphanumeric()).any(|part| part == word) }
    };
    words.iter().find(|word| !word.is_empty() && stands(&word.to_lowercase())).map(String::as_str)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_words_stand_alone_and_long_ones_anywhere() {
        let words: Vec<String> = ["Makker", "mentor", "sag", "forløb"].map(String::from).into();
        #[rustfmt::skip]
        let cases = [
            ("https://makker.example.org", Some("Makker")),
            ("https://MENTORORDNING.example.org", Some("mentor")),
            ("Din sag <post@example.org>", Some("sag")),
            ("post@sag.example.org", Some("sag")),
            ("passage@example.org", None),
            ("FORLØB", Some("forløb")),
            ("https://aftale.example.org", None),
        ];
        for (text, found) in cases {
            assert_eq!(find_forbidden(text, &words), found, "{text}");
        }
        assert_eq!(find_forbidden("anything", &[String::new()]), None);
    }
}
