//! Words that must not stand where a stranger could read them: sender names, domains, links (domain section 7).

/// The first of `words` that `text` contains, in any case.
///
/// A word of four letters or fewer counts only where it stands alone (`case.example.org`, not `showcase.example.org`); a longer
/// one counts inside another too (`mentorordning.example.org`).
pub fn find_forbidden<'w>(text: &str, words: &'w [String]) -> Option<&'w str> {
    let text = read_out(&text.to_lowercase());
    let stands = |word: &str| {
        if word.chars().count() > 4 { text.contains(word) } else { text.split(|c: char| !c.is_alphanumeric()).any(|part| part == word) }
    };
    words.iter().find(|word| !word.is_empty() && stands(&word.to_lowercase())).map(String::as_str)
}

/// A text in small letters, and behind it what the labels of hosts in it are shown as that stand for other letters (`xn--...`).
fn read_out(text: &str) -> String {
    let labels = text.split(|c: char| !c.is_alphanumeric() && c != '-').filter(|label| label.starts_with("xn--"));
    labels.fold(text.to_owned(), |read, label| format!("{read} {}", idna::domain_to_unicode(label).0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_words_stand_alone_and_long_ones_anywhere() {
        let words: Vec<String> = ["Makker", "mentor", "sag", "forløb", "råd"].map(String::from).into();
        #[rustfmt::skip]
        let cases = [
            ("https://makker.example.org", Some("Makker")),
            ("https://MENTORORDNING.example.org", Some("mentor")),
            ("Din sag <post@example.org>", Some("sag")),
            ("post@sag.example.org", Some("sag")),
            ("passage@example.org", None),
            ("FORLØB", Some("forløb")),
            ("https://xn--forlb-yua.dk", Some("forløb")),
            ("https://aftale.XN--FORLBET-T1A.dk:8443", Some("forløb")),
            ("Post <post@xn--rd-yia.example.org>", Some("råd")),
            ("https://xn--mde-0na.example.dk", None),
            ("https://xn--99999999999.example.dk", None),
            ("https://aftale.example.org", None),
        ];
        for (text, found) in cases {
            assert_eq!(find_forbidden(text, &words), found, "{text}");
        }
        assert_eq!(find_forbidden("anything", &[String::new()]), None);
    }
}
