//! Content lines: escaped, folded at 75 octets, ended by CRLF (RFC 5545 section 3.1).

/// The longest line, its end not counted.
const MOST_OCTETS: usize = 75;

/// Lines as they are written.
#[derive(Debug, Default)]
pub(super) struct Lines(String);

impl Lines {
    /// A name (with its parameters) and a value that needs no escaping.
    pub(super) fn add(&mut self, name: &str, value: &str) {
        let mut width = 0;
        for letter in name.chars().chain([':']).chain(value.chars()).filter(|letter| !letter.is_control()) {
            if width + letter.len_utf8() > MOST_OCTETS {
                // The space that marks a continued line counts.
                self.0.push_str("\r\n ");
                width = 1;
            }
            self.0.push(letter);
            width += letter.len_utf8();
        }
        self.0.push_str("\r\n");
    }

    /// A name and a text.
    pub(super) fn add_text(&mut self, name: &str, text: &str) {
        let escaped = text.replace('\\', "\\\\").replace(';', "\\;").replace(',', "\\,").replace("\r\n", "\n").replace('\n', "\\n");
        self.add(name, &escaped);
    }

    /// All of it.
    pub(super) fn into_text(self) -> String {
        self.0
    }
}

/// A parameter's value in quotes, which it can hold none of.
pub(super) fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('"', "'"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn line(name: &str, text: &str) -> String {
        let mut lines = Lines::default();
        lines.add_text(name, text);
        lines.into_text()
    }

    #[test]
    fn long_lines_are_folded_between_letters() {
        #[rustfmt::skip]
        let cases = [
            ("a".repeat(73), format!("A:{}\r\n", "a".repeat(73))),
            ("a".repeat(74), format!("A:{}\r\n a\r\n", "a".repeat(73))),
            ("a".repeat(148), format!("A:{}\r\n {}\r\n a\r\n", "a".repeat(73), "a".repeat(74))),
            // Two octets a letter: the 37th does not fit.
            ("å".repeat(37), format!("A:{}\r\n å\r\n", "å".repeat(36))),
            ("En; to, tre\\\r\nfire\u{7}".to_owned(), "A:En\\; to\\, tre\\\\\\nfire\r\n".to_owned()),
        ];
        for (text, expected) in cases {
            assert_eq!(line("A", &text), expected);
        }
        assert_eq!(quoted("Aftaler \"A\""), "\"Aftaler 'A'\"");
    }

    proptest! {
        #[test]
        fn what_is_unfolded_and_unescaped_is_the_text(text in "[a-zæøå ;,\\\\\n€😀]{0,300}") {
            let folded = line("SUMMARY", &text);
            prop_assert!(folded.ends_with("\r\n") && folded.split("\r\n").all(|line| line.len() <= 75));
            let unfolded = folded.replace("\r\n ", "").replace("\r\n", "");
            let (mut read, mut letters) = (String::new(), unfolded.strip_prefix("SUMMARY:").unwrap().chars());
            while let Some(letter) = letters.next() {
                match letter {
                    '\\' => match letters.next().unwrap() { 'n' => read.push('\n'), other => read.push(other) },
                    other => read.push(other),
                }
            }
            prop_assert_eq!(read, text);
        }
    }
}
