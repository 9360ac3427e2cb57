//! Reads a Rust file as far as the tidy rules need it: words without comments, whole paths, and what is there for tests only.

use std::collections::BTreeMap;

/// A word or sign of the code; comments are gone, text in quotes is one word.
#[derive(Debug, Clone, PartialEq)]
pub struct Word {
    pub line: usize,
    pub text: String,
    /// Stands under `#[cfg(test)]`, or in a file of tests.
    pub in_test: bool,
}

/// A name with its path, spelled out from the root of the crate (`crate::cases::store::find`) or from the crate it comes from.
#[derive(Debug, Clone, PartialEq)]
pub struct Path {
    pub line: usize,
    pub in_test: bool,
    pub names: Vec<String>,
}

/// One file.
#[derive(Debug)]
pub struct Source {
    /// From the top of the repository, with `/`.
    pub file: String,
    pub text: String,
    pub words: Vec<Word>,
    pub paths: Vec<Path>,
    /// What the file hands on with `pub use`: its name as others see it, and where it really is.
    pub handed_on: BTreeMap<Vec<String>, Vec<String>>,
}

impl Source {
    pub fn new(file: &str, text: &str) -> Self {
        let mut words = split(text);
        mark_tests(&mut words, file.starts_with("tests/") || file.ends_with("/tests.rs"));
        let mut source = Self { file: file.to_owned(), text: text.to_owned(), words, paths: Vec::new(), handed_on: BTreeMap::new() };
        source.read_paths();
        source
    }

    /// The names of the module this file is: `["crate", "cases", "store"]`.
    fn module(&self) -> Vec<String> {
        let inside = self.file.strip_prefix("src/").unwrap_or(&self.file).trim_end_matches(".rs");
        let parts = inside.split('/').filter(|part| !["mod", "lib", "main"].contains(part));
        std::iter::once("crate").chain(parts).map(str::to_owned).collect()
    }

    fn read_paths(&mut self) {
        let mut module = self.module();
        let mut opened = Vec::new();
        let mut depth = 0;
        let mut known: BTreeMap<String, Vec<String>> = BTreeMap::new();
        let mut later = Vec::new();
        let mut at = 0;
        while let Some(word) = self.words.get(at) {
            match word.text.as_str() {
                "{" => depth += 1,
                "}" => {
                    depth -= 1;
                    if opened.last() == Some(&depth) {
                        opened.pop();
                        module.pop();
                    }
                }
                "mod" if self.is(at + 2, "{") => {
                    module.push(self.words[at + 1].text.clone());
                    opened.push(depth);
                    depth += 1;
                    at += 3;
                    continue;
                }
                "mod" if self.is(at + 2, ";") => {
                    let name = self.words[at + 1].text.clone();
                    known.insert(name.clone(), [&module[..], &[name]].concat());
                    at += 3;
                    continue;
                }
                "use" => {
                    let shown = at > 0 && !self.is(at - 1, ";") && !self.is(at - 1, "}") && !self.is(at - 1, "]");
                    let mut found = Vec::new();
                    at = self.read_tree(at + 1 + usize::from(self.is(at + 1, "::")), &[], &mut found);
                    for (mut path, alias) in found {
                        path.names = absolute(&module, &BTreeMap::new(), path.names);
                        if let Some(alias) = alias {
                            if shown {
                                self.handed_on.insert([&module[..], std::slice::from_ref(&alias)].concat(), path.names.clone());
                            }
                            known.insert(alias, path.names.clone());
                        }
                        later.push((module.clone(), path));
                    }
                    continue;
                }
                text if is_name(text) && !(at > 0 && (self.is(at - 1, ".") || self.is(at - 1, "'"))) => {
                    let mut found = Vec::new();
                    at = self.read_tree(at, &[], &mut found);
                    later.extend(found.into_iter().map(|(path, _)| (module.clone(), path)));
                    continue;
                }
                _ => {}
            }
            at += 1;
        }
        // Names may be used above the line that brings them in.
        self.paths = later.into_iter().map(|(module, path)| Path { names: absolute(&module, &known, path.names), ..path }).collect();
        for target in self.handed_on.values_mut() {
            *target = absolute(&module, &known, std::mem::take(target));
        }
    }

    /// Reads `a::b::{c, d as e}` from word `at`; gives each path with the name it is known by, and the word after it.
    fn read_tree(&self, mut at: usize, before: &[String], found: &mut Vec<(Path, Option<String>)>) -> usize {
        let mut names = before.to_vec();
        let Some(first) = self.words.get(at) else { return at };
        loop {
            if self.is(at, "{") {
                at += 1;
                while at < self.words.len() && !self.is(at, "}") {
                    let next = self.read_tree(at, &names, found);
                    at = next.max(at + 1) + usize::from(self.is(next, ",") && next > at);
                }
                return at + 1;
            }
            let Some(word) = self.words.get(at) else { break };
            if !is_name(&word.text) && word.text != "*" {
                break;
            }
            if word.text != "self" || names.is_empty() {
                names.push(word.text.clone());
            }
            at += 1;
            if !self.is(at, "::") {
                break;
            }
            at += 1;
        }
        let mut alias = names.last().cloned().filter(|name| name != "*");
        if self.is(at, "as") && self.words.get(at + 1).is_some_and(|word| is_name(&word.text)) {
            alias = Some(self.words[at + 1].text.clone());
            at += 2;
        }
        found.push((Path { line: first.line, in_test: first.in_test, names }, alias));
        at
    }

    /// Whether word `at` is `text`.
    pub fn is(&self, at: usize, text: &str) -> bool {
        self.words.get(at).is_some_and(|word| word.text == text)
    }
}

/// Spells a path out from the root, given the module it stands in and the names that module brought in.
fn absolute(module: &[String], known: &BTreeMap<String, Vec<String>>, names: Vec<String>) -> Vec<String> {
    match names.first().map(String::as_str) {
        Some("self") => [module, &names[1..]].concat(),
        Some("super") => {
            let ups = names.iter().take_while(|name| *name == "super").count();
            [&module[..module.len().saturating_sub(ups).max(1)], &names[ups..]].concat()
        }
        Some(first) => match known.get(first) {
            Some(whole) if whole.as_slice() != [first] => [whole, &names[1..]].concat(),
            _ => names,
        },
        None => names,
    }
}

fn is_name(text: &str) -> bool {
    text.starts_with(|first: char| first.is_alphabetic() || first == '_')
}

fn split(text: &str) -> Vec<Word> {
    let chars: Vec<char> = text.chars().collect();
    let mut words = Vec::new();
    let (mut at, mut line) = (0, 1);
    while at < chars.len() {
        let start = at;
        let rest = &chars[at..];
        let end = match rest[0] {
            '/' if rest.get(1) == Some(&'/') => at + rest.iter().take_while(|c| **c != '\n').count(),
            '/' if rest.get(1) == Some(&'*') => at + block_comment(rest),
            c if c.is_whitespace() => at + 1,
            '"' => at + quoted(rest),
            'r' | 'b' | 'c' if prefixed(rest).is_some() => at + prefixed(rest).unwrap(),
            '\'' if rest.get(1) == Some(&'\\') => at + 3 + rest[3..].iter().take_while(|c| **c != '\'').count() + 1,
            '\'' if rest.get(2) == Some(&'\'') => at + 3,
            c if c.is_alphanumeric() || c == '_' => at + rest.iter().take_while(|c| c.is_alphanumeric() || **c == '_').count(),
            ':' if rest.get(1) == Some(&':') => at + 2,
            _ => at + 1,
        }
        .min(chars.len());
        let text: String = chars[start..end].iter().collect();
        at = end;
        let lines = text.matches('\n').count();
        if !(text.trim().is_empty() || text.starts_with("//") || text.starts_with("/*")) {
            words.push(Word { line, text, in_test: false });
        }
        line += lines;
    }
    words
}

fn block_comment(chars: &[char]) -> usize {
    let (mut depth, mut at) = (0, 0);
    while at < chars.len() {
        match (chars[at], chars.get(at + 1)) {
            ('/', Some('*')) => (depth, at) = (depth + 1, at + 2),
            ('*', Some('/')) => (depth, at) = (depth - 1, at + 2),
            _ => at += 1,
        }
        if depth == 0 {
            break;
        }
    }
    at
}

/// The length of a text in plain quotes.
fn quoted(chars: &[char]) -> usize {
    let mut at = 1;
    while at < chars.len() && chars[at] != '"' {
        at += if chars[at] == '\\' { 2 } else { 1 };
    }
    at + 1
}

/// The length of `b".."`, `c".."`, `r".."`, `r#".."#` and their mixtures; `None` when the letters begin something else.
fn prefixed(chars: &[char]) -> Option<usize> {
    let letters = chars.iter().take(2).take_while(|c| matches!(c, 'r' | 'b' | 'c')).count();
    let hashes = chars[letters..].iter().take_while(|c| **c == '#').count();
    (chars.get(letters + hashes) == Some(&'"')).then_some(())?;
    let body = letters + hashes;
    if !chars[..letters].contains(&'r') {
        return Some(body + quoted(&chars[body..]));
    }
    let mut at = body + 1;
    while at < chars.len() && !(chars[at] == '"' && chars[at + 1..].iter().take(hashes).filter(|c| **c == '#').count() == hashes) {
        at += 1;
    }
    Some(at + 1 + hashes)
}

/// Marks what stands under `#[cfg(test)]`: the item after it, to its closing brace or semicolon.
fn mark_tests(words: &mut [Word], all: bool) {
    let mut at = 0;
    while at < words.len() {
        let here: Vec<&str> = words[at..].iter().take(7).map(|word| word.text.as_str()).collect();
        if !all && here != ["#", "[", "cfg", "(", "test", ")", "]"] {
            at += 1;
            continue;
        }
        let mut depth = 0_i32;
        let mut inside = all;
        for (ahead, word) in words[at..].iter_mut().enumerate() {
            word.in_test = true;
            at += 1;
            if ahead < 7 || all {
                continue;
            }
            match word.text.as_str() {
                "{" | "(" | "[" => depth += 1,
                "}" | ")" | "]" => depth -= 1,
                _ => {}
            }
            inside |= word.text == "{";
            if depth == 0 && (word.text == ";" || (inside && word.text == "}")) {
                break;
            }
        }
    }
}

#[test]
fn reads_words_without_comments() {
    let words = split("fn a<'x>() { /* b /* c */ */ let d = '\\''; r#\"e \" f\"# } // g\n\"h \\\" i\" 'j' b\"k\"");
    let texts: Vec<&str> = words.iter().map(|word| word.text.as_str()).collect();
    let expected = [
        "fn",
        "a",
        "<",
        "'",
        "x",
        ">",
        "(",
        ")",
        "{",
        "let",
        "d",
        "=",
        "'\\''",
        ";",
        "r#\"e \" f\"#",
        "}",
        "\"h \\\" i\"",
        "'j'",
        "b\"k\"",
    ];
    assert_eq!(texts, expected);
    assert_eq!(words.last().unwrap().line, 2);
}

#[test]
fn spells_paths_out() {
    let cases = [
        ("src/cases/http.rs", "use crate::people::{self, store as rows};\nfn f() { rows::find() }", "crate::people::store::find"),
        ("src/cases/http.rs", "use super::{actions, rules::decide};\nfn f() { actions::open() }", "crate::cases::actions::open"),
        ("src/cases/mod.rs", "mod store;\npub use store::find;", "crate::cases::store::find"),
        ("src/cases/http.rs", "mod tests { use super::super::store::find; }", "crate::cases::store::find"),
        ("src/cases/http.rs", "fn f() { chrono::Utc::now(); }\nuse chrono::Utc;", "chrono::Utc::now"),
        ("src/cases/http.rs", "use chrono::{DateTime, Utc};\nfn f() -> Vec<u8> { Utc::now() }", "chrono::Utc::now"),
    ];
    for (file, text, expected) in cases {
        let source = Source::new(file, text);
        let paths: Vec<String> = source.paths.iter().map(|path| path.names.join("::")).collect();
        assert!(paths.iter().any(|path| path == expected), "{text}: {paths:?} lacks {expected}");
    }
}

#[test]
fn knows_what_is_there_for_tests() {
    let source = Source::new("src/a.rs", "fn a() {}\n#[cfg(test)]\nmod tests { fn b() { c; } }\nfn d() {}");
    let tested = |name: &str| source.words.iter().find(|word| word.text == name).unwrap().in_test;
    assert_eq!(["a", "b", "c", "d"].map(tested), [false, true, true, false]);
}
