//! The few words in which the engines' SQL differs, so that one text of a migration serves both.
//!
//! A token stands in braces: `{uuid}`, `{time}`, `{date}`, `{bool}`, `{int}`, `{bigint}`, `{blob}`, `{text}`; `{text_c}` for text that is
//! ordered or unique (byte order on both engines); `{strict}` at a table's end, `{strict_keyed}` where it is best kept in its key's order. A line `{vocabulary NAME code code …}` makes the
//! table of a closed vocabulary with its rows.

use super::Engine;
use crate::base::error::{Error, Result};

/// Token, SQLite, PostgreSQL.
const TOKENS: [(&str, &str, &str); 11] = [
    ("uuid", "BLOB", "uuid"),
    ("time", "INTEGER", "timestamptz"),
    ("date", "TEXT", "date"),
    ("bool", "INTEGER", "boolean"),
    ("int", "INTEGER", "integer"),
    ("bigint", "INTEGER", "bigint"),
    ("blob", "BLOB", "bytea"),
    ("text", "TEXT", "text"),
    ("text_c", "TEXT", "text COLLATE \"C\""),
    ("strict", "STRICT", ""),
    ("strict_keyed", "STRICT, WITHOUT ROWID", ""),
];

/// The text as `engine` will run it.
///
/// # Errors
/// `Internal` for a token that does not exist.
pub fn fill_in(engine: Engine, sql: &str) -> Result<String> {
    let mut out = String::with_capacity(sql.len());
    for line in sql.lines() {
        match line.strip_prefix("{vocabulary ").and_then(|rest| rest.strip_suffix('}')) {
            Some(words) => out.push_str(&tokens(engine, &vocabulary(words)?)?),
            None => out.push_str(&tokens(engine, line)?),
        }
        out.push('\n');
    }
    Ok(out)
}

fn vocabulary(words: &str) -> Result<String> {
    let is_code = |word: &str| word.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_');
    let mut words = words.split_whitespace();
    let (name, codes) = (words.next().unwrap_or_default(), words.collect::<Vec<_>>());
    if name.is_empty() || codes.is_empty() || !is_code(name) || !codes.iter().all(|code| is_code(code)) {
        return Err(Error::Internal(format!("a vocabulary needs a name and codes in lower case: {name}")));
    }
    let rows: Vec<String> = codes.iter().map(|code| format!("('{code}')")).collect();
    Ok(format!(
        "CREATE TABLE {name} (code {{text_c}} PRIMARY KEY NOT NULL) {{strict}};\nINSERT INTO {name} (code) VALUES {};",
        rows.join(", ")
    ))
}

fn tokens(engine: Engine, line: &str) -> Result<String> {
    let mut out = String::with_capacity(line.len());
    let mut rest = line;
    while let Some((before, after)) = rest.split_once('{') {
        let (token, tail) = after.split_once('}').ok_or_else(|| Error::Internal(format!("a token is not closed: {line}")))?;
        let (_, sqlite, postgres) =
            TOKENS.iter().find(|(name, _, _)| *name == token).ok_or_else(|| Error::Internal(format!("no token {{{token}}}")))?;
        out.push_str(before);
        out.push_str(match engine {
            Engine::Sqlite => sqlite,
            Engine::Postgres => postgres,
        });
        rest = tail;
    }
    out.push_str(rest);
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_text_becomes_two() {
        let text = "-- why\n{vocabulary sides person staff}\nCREATE TABLE t (id {uuid}, side {text_c} REFERENCES sides) {strict};";
        let sqlite = "-- why\nCREATE TABLE sides (code TEXT PRIMARY KEY NOT NULL) STRICT;\nINSERT INTO sides (code) VALUES ('person'), ('staff');\n\
            CREATE TABLE t (id BLOB, side TEXT REFERENCES sides) STRICT;\n";
        let postgres = "-- why\nCREATE TABLE sides (code text COLLATE \"C\" PRIMARY KEY NOT NULL) ;\n\
            INSERT INTO sides (code) VALUES ('person'), ('staff');\nCREATE TABLE t (id uuid, side text COLLATE \"C\" REFERENCES sides) ;\n";
        assert_eq!(fill_in(Engine::Sqlite, text).unwrap(), sqlite);
        assert_eq!(fill_in(Engine::Postgres, text).unwrap(), postgres);
        for bad in ["{uid}", "{uuid", "{vocabulary }", "{vocabulary sides}", "{vocabulary sides O'Hara}", "  {vocabulary sides a}"] {
            assert!(fill_in(Engine::Sqlite, bad).is_err(), "{bad}");
        }
    }
}
