//! Codes that a store writes out, because its room stands above the one whose vocabulary they are of: renamed there, they would still compile here
//! and find nothing.

use makker::base::db::Coded;
use makker::{cases, courses, matching, sessions};

use super::Fault;
use super::source::Source;

/// The columns that are asked about by a code in quotes, each with the codes that it holds.
fn vocabularies() -> [(&'static str, Vec<&'static str>); 8] {
    [
        ("case_people::left_reason", codes::<cases::model::LeaveReason>()),
        ("case_people::role", codes::<cases::Role>()),
        ("cases::state", codes::<cases::State>()),
        ("consents::scope", codes::<courses::model::Scope>()),
        ("matches::end_reason", codes::<matching::model::EndReason>()),
        ("matches::state", codes::<matching::State>()),
        ("offers::state", codes::<courses::OfferState>()),
        ("sessions::state", codes::<sessions::State>()),
    ]
}

fn codes<C: Coded>() -> Vec<&'static str> {
    C::ALL.iter().map(|value| value.code()).collect()
}

/// Every code in quotes is one of its column.
pub fn check(sources: &[Source]) -> Vec<Fault> {
    let known = vocabularies();
    let mut faults = Vec::new();
    for source in sources.iter().filter(|source| source.file.starts_with("src/") && source.file.contains("/store")) {
        for (number, line) in source.text.lines().enumerate() {
            for (column, code) in written_out(line) {
                let says = match known.iter().find(|(name, _)| *name == column) {
                    Some((_, codes)) if codes.contains(&code) => continue,
                    Some(_) => format!("`{code}` is no code of `{column}`: nothing would be found"),
                    None => format!(
                        "`{column}` is asked about by a code in quotes: use the value, or name table and vocabulary in tidy/words.rs"
                    ),
                };
                faults.push(Fault { file: source.file.clone(), line: number + 1, says });
            }
        }
    }
    faults
}

/// Each `column.eq("code")`, or `ne`, of a line: the column as it is written, and the code.
fn written_out(line: &str) -> impl Iterator<Item = (&str, &str)> {
    [".eq(\"", ".ne(\""].into_iter().flat_map(|sign| line.match_indices(sign)).filter_map(|(at, sign)| {
        let column = line[..at].rsplit(|sign: char| !(sign.is_alphanumeric() || "_:".contains(sign))).next()?;
        let code = line[at + sign.len()..].split('"').next()?;
        Some((column, code))
    })
}

#[test]
fn a_code_that_no_vocabulary_has_is_seen() {
    for (line, says) in [
        ("held.filter(sessions::state.eq(\"held\")).filter(offers::state.ne(\"withdrawn\"))", ""),
        ("held.filter(sessions::state.eq(State::Held))", ""),
        ("held.filter(sessions::state.eq(\"helt\"))", "`helt` is no code of `sessions::state`"),
        ("held.filter(offers::state.eq(\"open\").or(offers::state.ne(\"held\")))", "`held` is no code of `offers::state`"),
        ("held.filter(state.eq(\"held\"))", "`state` is asked about by a code in quotes"),
        ("held.filter(duties::kind.eq(\"log_missing\"))", "`duties::kind` is asked about by a code in quotes"),
    ] {
        let found = check(&[Source::new("src/cases/store.rs", line)]);
        let says_so = if says.is_empty() { found.is_empty() } else { found.len() == 1 && found[0].says.starts_with(says) };
        assert!(says_so, "{line}: {found:?}");
    }
}
