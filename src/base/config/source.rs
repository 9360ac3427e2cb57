//! The file and the variables before they are typed, and everything that is wrong with them, told at once.

use std::collections::BTreeMap;
use std::fmt;
use std::path::Path;

use super::settings::{Node, Place};
use super::value::Value;

/// The file that is read when none is named and it is there.
const DEFAULT_FILE: &str = "makker.toml";
/// Variables of the test suite that may stand in a developer's environment.
const NOT_OURS: &str = "MAKKER_TEST_";

/// Everything that is wrong, each with the name of its setting. Never holds a value: it may be a secret in the wrong place.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Complaints(Vec<String>);

impl Complaints {
    /// One more: what is wrong with the setting of this name, in plain words.
    pub fn add(&mut self, setting: impl fmt::Display, wrong: impl fmt::Display) {
        self.0.push(format!("{setting}: {wrong}"));
    }

    /// The sentences.
    pub fn sentences(&self) -> &[String] {
        &self.0
    }

    /// `Ok` when there are none.
    ///
    /// # Errors
    /// Itself, when there are any.
    pub fn none(self) -> Result<(), Self> {
        if self.0.is_empty() { Ok(()) } else { Err(self) }
    }
}

impl fmt::Display for Complaints {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.join("\n"))
    }
}
impl std::error::Error for Complaints {}

/// What the operator wrote. Settings are taken out of it one by one; what is left at the end is unknown.
#[derive(Debug, Default)]
pub struct Source {
    file: toml::Table,
    variables: BTreeMap<String, String>,
    /// Places that were asked for.
    known: Vec<Place>,
    complaints: Complaints,
}

impl Source {
    /// From the text of a TOML file and the variables of the environment (those of other programs are passed over).
    pub fn new(file: &str, variables: impl IntoIterator<Item = (String, String)>) -> Self {
        let mut source = Self {
            variables: variables.into_iter().filter(|(name, _)| name.starts_with("MAKKER_") && !name.starts_with(NOT_OURS)).collect(),
            ..Self::default()
        };
        match file.parse() {
            Ok(table) => source.file = table,
            Err(error) => source.complaints.add("the file", not_toml(file, &error)),
        }
        source
    }

    /// From the file at `path` (without one, from `makker.toml` if it is there) and this process's environment.
    ///
    /// # Errors
    /// A named file that is not there, or one that cannot be read.
    pub fn from_process(path: Option<&Path>) -> Result<Self, Complaints> {
        let file = std::fs::read_to_string(path.unwrap_or(Path::new(DEFAULT_FILE)));
        let text = match (file, path) {
            (Ok(text), _) => text,
            (Err(error), None) if error.kind() == std::io::ErrorKind::NotFound => String::new(),
            (Err(error), path) => {
                let mut complaints = Complaints::default();
                complaints.add(path.unwrap_or(Path::new(DEFAULT_FILE)).display(), format_args!("cannot be read: {error}"));
                return Err(complaints);
            }
        };
        let variables = std::env::vars_os().map(|(name, value)| (name.to_string_lossy().into(), value.to_string_lossy().into()));
        Ok(Self::new(&text, variables))
    }

    /// Reads a whole configuration over its defaults.
    ///
    /// # Errors
    /// Everything that is wrong: not TOML, a wrong type, a number out of bounds, an unknown name.
    #[cfg(test)]
    pub fn read<C: Node + Default>(self) -> Result<C, Complaints> {
        let (config, complaints) = self.read_over_defaults();
        complaints.none().map(|()| config)
    }

    /// Reads a whole configuration over its defaults, which stand where something is wrong; and everything that is wrong.
    pub fn read_over_defaults<C: Node + Default>(mut self) -> (C, Complaints) {
        let config = C::default().read(&Place::default(), &mut self);
        self.complain_of_the_rest();
        (config, self.complaints)
    }

    /// What is said of one setting, a variable before the file; `None` when neither says anything (or it is wrong, and noted).
    pub fn take<T: Value>(&mut self, place: &Place) -> Option<T> {
        self.known.push(place.clone());
        let from_file = take_at(&mut self.file, place.path()).and_then(|v| self.judge(place.name(), place, T::from_toml(&v)));
        let from_variable = self.variables.remove(&place.variable()).and_then(|v| self.judge(place.variable(), place, T::from_text(&v)));
        from_variable.or(from_file)
    }

    fn judge<T: Value>(&mut self, name: String, place: &Place, value: Option<T>) -> Option<T> {
        let wrong = match (&value, place.bounds) {
            (None, _) => format!("expected {}", T::expected()),
            (Some(value), Some((low, high))) if !value.within(low, high) => format!("must lie between {low} and {high}"),
            _ => return value,
        };
        self.complaints.add(name, wrong);
        None
    }

    fn complain_of_the_rest(&mut self) {
        let mut rest = Vec::new();
        leaves(&self.file, "", &mut rest);
        for name in rest {
            // An empty `[section]` says nothing and is fine when there is such a section.
            let within = format!("{name}.");
            if self.known.iter().any(|place| place.name().starts_with(&within)) {
                if value_at(&self.file, &name).is_some_and(|v| !v.is_table()) {
                    self.complaints.add(&name, "this is a section, not a setting");
                }
                continue;
            }
            self.complaints.add(&name, unknown("setting", &name, self.known.iter().map(Place::name)));
        }
        for name in self.variables.keys() {
            self.complaints.add(name, unknown("variable", name, self.known.iter().map(Place::variable)));
        }
    }
}

/// Where the file stops being TOML, without a line of its content (the usual message shows one).
fn not_toml(file: &str, error: &toml::de::Error) -> String {
    let at = error.span().map_or(0, |span| span.start);
    let line = file.get(..at).map_or(1, |before| before.matches('\n').count().saturating_add(1));
    format!("line {line} is not TOML: {}", error.message())
}

fn take_at(table: &mut toml::Table, path: &[&'static str]) -> Option<toml::Value> {
    match path {
        [] => None,
        [key] => (!table.get(*key)?.is_table()).then(|| table.remove(*key)).flatten(),
        [section, rest @ ..] => take_at(table.get_mut(*section)?.as_table_mut()?, rest),
    }
}

fn value_at<'t>(table: &'t toml::Table, name: &str) -> Option<&'t toml::Value> {
    match name.split_once('.') {
        None => table.get(name),
        Some((section, rest)) => value_at(table.get(section)?.as_table()?, rest),
    }
}

/// The names of what stands in a table, sections that hold something left out for what they hold.
fn leaves(table: &toml::Table, prefix: &str, names: &mut Vec<String>) {
    for (key, value) in table {
        let name = format!("{prefix}{key}");
        match value.as_table() {
            Some(inner) if !inner.is_empty() => leaves(inner, &format!("{name}."), names),
            _ => names.push(name),
        }
    }
}

fn unknown(what: &str, name: &str, known: impl Iterator<Item = String>) -> String {
    let nearest = known.map(|candidate| (distance(name, &candidate), candidate)).min();
    match nearest {
        Some((distance, candidate)) if distance <= name.len().div_ceil(3) => format!("no such {what}; did you mean {candidate}?"),
        _ => format!("no such {what}; `check-config --print` shows them all"),
    }
}

/// How many letters must be added, dropped or changed to make one name of the other (Levenshtein).
fn distance(a: &str, b: &str) -> usize {
    let mut row: Vec<usize> = (0..=b.chars().count()).collect();
    for (i, from) in a.chars().enumerate() {
        let mut left = i.saturating_add(1);
        let mut diagonal = i;
        let mut next = vec![left];
        for (above, to) in row.iter().skip(1).zip(b.chars()) {
            let changed = if from == to { diagonal } else { diagonal.saturating_add(1) };
            left = changed.min(left.saturating_add(1)).min(above.saturating_add(1));
            diagonal = *above;
            next.push(left);
        }
        row = next;
    }
    row.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::config::settings;

    settings! {
        /// A house.
        pub struct House {
            /// Rooms in it.
            rooms: u32 = 3, in 1..=9;
            /// Who lives there.
            people: Vec<String> = vec!["Ane".into()];
            /// Its number.
            number: Option<u16> = Some(7);
            /// What is outside.
            garden: Garden;
        }
    }
    settings! {
        /// A garden.
        pub struct Garden {
            /// Tall ones.
            trees: [u16; 2] = [1, 2], in 0..=5;
            /// Whether there is a gate.
            has_gate: bool = true;
        }
    }

    fn read(file: &str, variables: &[(&str, &str)]) -> Result<House, Vec<String>> {
        let source = Source::new(file, variables.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())));
        source.read().map_err(|complaints| complaints.sentences().to_vec())
    }

    #[test]
    fn a_variable_stands_over_the_file_and_the_file_over_the_default() {
        assert_eq!(read("", &[]), Ok(House::default()));
        assert_eq!(read("[garden]", &[("PATH", "/bin"), ("MAKKER_TEST_POSTGRES", "x")]), Ok(House::default()));
        let house = read(
            "rooms = 4\npeople = []\n[garden]\ntrees = [0, 5]",
            &[("MAKKER_ROOMS", "5"), ("MAKKER_GARDEN__HAS_GATE", "false"), ("MAKKER_NUMBER", "")],
        );
        let garden = Garden { trees: [0, 5], has_gate: false };
        assert_eq!(house, Ok(House { rooms: 5, people: vec![], number: None, garden }));
        assert_eq!(read("", &[("MAKKER_PEOPLE", "Bo, Eva")]).unwrap().people, ["Bo", "Eva"]);
    }

    #[test]
    fn everything_wrong_is_told_at_once_and_no_value_with_it() {
        /// A file, variables, and the sentences they are refused with.
        type Case = (&'static str, &'static [(&'static str, &'static str)], &'static [&'static str]);
        #[rustfmt::skip]
        let cases: &[Case] = &[
            ("rooms = \"secret\"", &[], &["rooms: expected a whole number"]),
            ("rooms = -1", &[], &["rooms: expected a whole number"]),
            ("rooms = 10", &[], &["rooms: must lie between 1 and 9"]),
            ("rooms = 3", &[("MAKKER_ROOMS", "0")], &["MAKKER_ROOMS: must lie between 1 and 9"]),
            ("", &[("MAKKER_GARDEN__TREES", "1")], &["MAKKER_GARDEN__TREES: expected a list of 2, each a whole number"]),
            ("number = \"one\"", &[], &["number: expected a whole number, or \"\" for none"]),
            ("room = 3", &[], &["room: no such setting; did you mean rooms?"]),
            ("zzzzzzzz = 3", &[], &["zzzzzzzz: no such setting; `check-config --print` shows them all"]),
            ("[garden]\ngate = true", &[], &["garden.gate: no such setting; did you mean garden.has_gate?"]),
            ("[rooms]\nx = 1", &[], &["rooms.x: no such setting; did you mean rooms?"]),
            ("[rooms]", &[], &["rooms: no such setting; did you mean rooms?"]),
            ("garden = 3", &[], &["garden: this is a section, not a setting"]),
            ("[cellar]", &[], &["cellar: no such setting; `check-config --print` shows them all"]),
            ("", &[("MAKKER_GARDEN_TREES", "x")], &["MAKKER_GARDEN_TREES: no such variable; did you mean MAKKER_GARDEN__TREES?"]),
            ("\nrooms = secret", &[], &["the file: line 2 is not TOML: string values must be quoted, expected literal string"]),
            ("rooms = 1\nrooms = 2", &[], &["the file: line 2 is not TOML: duplicate key"]),
            ("rooms = 0\nx = 1", &[("MAKKER_Y", "")], &["rooms: must lie between 1 and 9",
                "x: no such setting; `check-config --print` shows them all",
                "MAKKER_Y: no such variable; `check-config --print` shows them all"]),
        ];
        for (file, variables, sentences) in cases {
            assert_eq!(read(file, variables).unwrap_err(), *sentences, "{file} {variables:?}");
        }
    }
}
