//! The calendar against an independent one: python-dateutil, asked thousands of random questions in each run.

use chrono::NaiveDate;
use makker::base::calendar::{Holidays, Zone, age_on, birthday, plus_months};

use crate::support::python_with;

#[test]
fn agrees_with_dateutil() {
    let Some(mut python) = python_with("dateutil") else { return };
    let said = python.args(["-c", include_str!("calendar_oracle.py")]).output().unwrap();
    assert!(said.status.success(), "{}", String::from_utf8_lossy(&said.stderr));
    let said = String::from_utf8(said.stdout).unwrap();
    let disagreements: Vec<_> = said
        .lines()
        .filter_map(|line| {
            let (asked, expected) = line.rsplit_once('\t').unwrap();
            let ours = answer(asked);
            (ours != expected).then(|| format!("{asked}: dateutil says {expected}, we say {ours}"))
        })
        .collect();
    assert!(said.lines().count() > 10_000);
    assert!(
        disagreements.is_empty(),
        "{} disagreements, add them to the literal cases:\n{}",
        disagreements.len(),
        disagreements.join("\n")
    );
}

fn answer(asked: &str) -> String {
    let words: Vec<_> = asked.split('\t').collect();
    let date = |at: usize| words[at].parse::<NaiveDate>().unwrap();
    let zone = || words[1].parse::<Zone>().unwrap();
    match words[0] {
        "plus_months" => plus_months(date(1), words[2].parse().unwrap()).to_string(),
        "birthday" => birthday(date(1), words[2].parse().unwrap()).to_string(),
        "age_on" => age_on(date(1), date(2)).to_string(),
        "at_wall" => zone().at_wall(words[2].parse().unwrap()).to_string(),
        "is_holiday" => Holidays::none().is_holiday(date(1)).to_string(),
        other => unreachable!("the oracle asked {other}"),
    }
}
