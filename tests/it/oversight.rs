//! The data protection officer: who opened whom and why, consents, and what a person may get of it; never a word of a case.

use chrono::TimeDelta;
use serde_json::{Value, json};

use crate::support::casework::{offer, yes};
use crate::support::{Engine, TestApp};

fn officer(app: &TestApp) -> crate::support::caller::Caller<'_> {
    app.account("dorte", &["data_protection_officer"])
}

fn column<'a>(answer: &'a Value, name: &str) -> Vec<&'a str> {
    answer["items"].as_array().unwrap().iter().map(|item| item[name].as_str().unwrap_or("-")).collect()
}

/// Takes away what nothing in the program takes away.
fn lose_the_journal(app: &TestApp) {
    let all = "DELETE FROM journal_subjects; DELETE FROM journal_calls";
    let lost = match app.database.url.engine() {
        Engine::Sqlite => {
            format!("DROP TRIGGER IF EXISTS journal_calls_no_delete; DROP TRIGGER IF EXISTS journal_subjects_no_delete; {all}")
        }
        Engine::Postgres => format!(
            "ALTER TABLE journal_calls DISABLE TRIGGER journal_calls_no_change; \
            ALTER TABLE journal_subjects DISABLE TRIGGER journal_subjects_no_change; {all}; \
            SELECT setval('journal_call_numbers', 1, false)"
        ),
    };
    app.try_sql(&lost).unwrap();
    app.forget();
}

both_engines! {
    fn the_officer_sees_who_opened_a_person_and_why(app: TestApp) {
        let (unit, officer) = (app.coordinator(), officer(&app));
        let body = json!({"kind": "young_person", "name": {"given": "Bertramius", "family": "Kaspersson"}, "born_on": "2010-05-01",
            "registration_number": "0101901234", "warnings": "Egernvang Skole må ikke ringe"});
        let boy = unit.post("/v1/people", &body).id();
        let (journal, extract) = (format!("/v1/oversight/people/{boy}/journal"), format!("/v1/oversight/people/{boy}/extract"));
        app.pass(TimeDelta::days(1));
        unit.get(&format!("/v1/people/{boy}")).ok();
        unit.get("/v1/people").ok();
        app.pass(TimeDelta::hours(15));
        let stranger = app.account("mads", &["mentor"]);
        stranger.get(&format!("/v1/people/{boy}")).refused(404, "not_found");

        // By the number, or the whole name with the birth date: an id, and nothing else.
        let search = |body: &Value| officer.post("/v1/oversight/people/search", body).ok();
        let found = json!([{"person_id": boy}]);
        assert_eq!(search(&json!({"registration_number": "010190-1234"})), found);
        assert_eq!(search(&json!({"name": "BERTRAMIUS kaspersson", "born_on": "2010-05-01"})), found);
        assert_eq!(search(&json!({"name": "Bertramius", "born_on": "2010-05-01"})), json!([]));
        assert_eq!(search(&json!({"registration_number": "0101901235"})), json!([]));

        let all = officer.get(&journal).ok();
        let expected = [
            ("oversight.find_people", "read", "oversight", "dorte"),
            ("oversight.find_people", "read", "oversight", "dorte"),
            ("people.get", "miss", "course", "mads"),
            ("people.list", "read", "coordination", "eva"),
            ("people.get", "read", "course", "eva"),
            ("people.create", "change", "coordination", "eva"),
        ];
        for (place, name) in ["operation", "act", "purpose", "account_name"].into_iter().enumerate() {
            let of = |row: &(&'static str, &'static str, &'static str, &'static str)| [row.0, row.1, row.2, row.3][place];
            assert_eq!(column(&all, name), expected.iter().map(of).collect::<Vec<_>>(), "{name}");
        }
        assert_eq!((&all["items"][2]["at"], &all["items"][2]["actor"]), (&json!("2026-03-03T23:00:00Z"), &json!("account")));
        assert_eq!(all["items"][2]["account_id"], json!(stranger.account_id()));
        // Reading it is an entry itself, and the filters find it.
        let own = officer.get(&format!("{journal}?account_id={}&limit=1", officer.account_id()));
        assert_eq!(column(&own.ok(), "operation"), ["oversight.journal"]);
        let filtered = |query: &str| officer.get(&format!("{journal}?{query}")).ok();
        assert_eq!(column(&filtered("act=change"), "operation"), ["people.create"]);
        assert_eq!(column(&filtered("purpose=course"), "account_name"), ["mads", "eva"]);
        assert_eq!(column(&filtered("until_at=2026-03-03T08:00:00Z"), "operation"), ["people.create"]);
        assert_eq!(column(&filtered("from_at=2026-03-03T08:00:00Z&until_at=2026-03-03T23:00:00Z"), "operation"), ["people.list", "people.get"]);
        assert_eq!(filtered("purpose=safety")["items"], json!([]));

        // Page by page it is the same.
        let (mut path, mut seen) = (format!("{journal}?until_at=2026-03-03T23:00:00.000001Z&act=read&limit=1"), Vec::new());
        while seen.len() < 20 {
            let page = officer.get(&path);
            seen.extend(column(&page.ok(), "operation").into_iter().map(str::to_owned));
            let Some(link) = page.header("link") else { break };
            path = link.trim_start_matches('<').split('>').next().unwrap().to_owned();
        }
        assert_eq!(seen.iter().filter(|operation| operation.starts_with("people.")).collect::<Vec<_>>(), ["people.list", "people.get"]);

        // What the person gets: local dates and purposes, nobody's name; who asked in vain saw nothing.
        let lines = |from: &str| officer.get(&format!("{extract}{from}")).ok()["lines"].clone();
        assert_eq!(lines("?until_on=2026-03-03"), json!([
            {"on": "2026-03-02", "purpose": "coordination"},
            {"on": "2026-03-03", "purpose": "coordination"},
            {"on": "2026-03-03", "purpose": "course"},
        ]));
        assert_eq!(lines("?from_on=2026-03-04"), json!([{"on": "2026-03-04", "purpose": "oversight"}]));
        let text = String::from_utf8(officer.get(&extract).body).unwrap();
        for word in ["eva", "mads", "dorte", "Bertramius", "Egernvang"] {
            assert!(!text.contains(word), "{word} is in an extract: {text}");
        }

        // For nobody else, and nothing that is wrong gets through.
        let (manager, operations) = (app.account("lars", &["manager"]), [&journal, &extract, &format!("/v1/oversight/people/{boy}/consents")]);
        for (caller, path) in [&unit, &stranger, &manager].iter().flat_map(|caller| operations.map(|path| (caller, path))) {
            caller.get(path).refused(403, "forbidden");
        }
        officer.get(&format!("/v1/people/{boy}")).refused(403, "forbidden");
        for (wrong, at) in [
            ("from_at=yesterday", "query/from_at"),
            ("from_at=2026-03-03T08:00:00Z&until_at=2026-03-02T08:00:00Z", "query/until_at"),
            ("act=peek", "query/act"),
            ("name=Bo", "query/name"),
            ("cursor=AAAA", "query/cursor"),
            ("limit=0", "query/limit"),
        ] {
            let answer = officer.get(&format!("{journal}?{wrong}")).refused(422, "invalid");
            assert_eq!(answer["errors"][0]["pointer"], at, "{wrong}");
        }
        let backwards = officer.get(&format!("{extract}?from_on=2026-03-04&until_on=2026-03-03")).refused(422, "invalid");
        assert_eq!(backwards["errors"][0]["pointer"], "query/until_on");
        for wrong in [
            json!({}),
            json!({"name": "Bertramius Kaspersson"}),
            json!({"born_on": "2010-05-01"}),
            json!({"registration_number": "0101901234", "case_id": boy}),
            json!({"registration_number": "12"}),
            json!({"name": "Bertramius Kaspersson", "born_on": "2010-02-30"}),
        ] {
            officer.post("/v1/oversight/people/search", &wrong).refused(422, "invalid");
        }
        let nobody = "00000000-0000-4000-8000-000000000000";
        for what in ["journal", "consents", "extract"] {
            officer.get(&format!("/v1/oversight/people/{nobody}/{what}")).refused(404, "not_found");
        }
        officer.get(&format!("/v1/oversight/cases/{nobody}/consents")).refused(404, "not_found");
    }

    fn the_journal_is_cut_after_its_months_and_says_so(app: TestApp) {
        let (unit, officer) = (app.coordinator(), officer(&app));
        let boy = unit.person("young_person", "Bertramius", Some("2010-05-01"));
        let first_day = |officer: &crate::support::caller::Caller<'_>| {
            officer.get(&format!("/v1/oversight/people/{boy}/extract")).ok()["lines"][0]["on"].clone()
        };
        // More than one step takes away.
        let mut higher = 100_000;
        while app.count("journal") < 2_500 {
            let call = "at, request, actor, account_id, device_id, operation, purpose";
            let copies = format!("SELECT id + {higher}, subjects_of + {higher}, {call} FROM journal_calls");
            app.try_sql(&format!("INSERT INTO journal_calls (id, subjects_of, {call}) {copies}")).unwrap();
            let subject = "subject_kind, subject_id, act";
            let copies = format!("SELECT call_id + {higher}, {subject} FROM journal_subjects");
            app.try_sql(&format!("INSERT INTO journal_subjects (call_id, {subject}) {copies}")).unwrap();
            higher *= 2;
        }
        if app.database.url.engine() == Engine::Postgres {
            app.try_sql("SELECT setval('journal_call_numbers', (SELECT max(id) FROM journal_calls))").unwrap();
        }
        app.set_clock("2026-03-03T23:30:00Z");
        unit.get(&format!("/v1/people/{boy}")).ok();
        assert_eq!((first_day(&officer), app.count("journal_cuts")), (json!("2026-03-02"), 0));

        // Thirteen months and a week later the second of March is gone, whole local days of it, and nothing else.
        app.set_clock("2027-04-02T20:00:00Z");
        assert_eq!(app.tick().failed, 0);
        assert_eq!((app.count("journal_cuts"), first_day(&officer)), (0, json!("2026-03-02")), "a day too early");
        // By this clock nobody has worked for a year: it may be wrong. A week after somebody has it is believed.
        app.set_clock("2027-04-03T08:00:00Z");
        assert_eq!((app.tick().failed, app.count("journal_cuts"), first_day(&officer)), (0, 0, json!("2026-03-02")));
        assert!(app.log().contains("the journal's cut waits until somebody has worked for a week by this clock: is it right?"));
        app.set_clock("2027-04-09T20:00:00Z");
        assert_eq!((app.tick().failed, app.count("journal_cuts")), (0, 0), "the week of the day before");
        app.set_clock("2027-04-10T08:00:00Z");
        let last = "journal WHERE request IN (SELECT request FROM journal WHERE operation = 'people.get')";
        let (kept, before) = (app.count(last), app.count("journal"));
        assert_eq!(app.tick().failed, 0);
        assert!(app.count("journal") < before - 2_400, "{before} entries, now {}", app.count("journal"));
        assert_eq!((app.count(last), first_day(&officer)), (kept, json!("2026-03-04")));
        let cut_at = "(SELECT max(before_at) FROM journal_cuts)";
        let nameless = "journal_calls WHERE NOT EXISTS (SELECT 1 FROM journal_subjects WHERE call_id = subjects_of)";
        let left = app.count(&format!("journal WHERE at < {cut_at}")) + app.count(nameless);
        assert_eq!((app.count("journal_cuts"), left), (1, 0));
        app.set_clock("2027-04-11T08:00:00Z");
        assert_eq!((app.tick().failed, app.count("journal_cuts")), (0, 1), "nothing to cut, nothing to say");

        // The database holds the rest, whoever asks.
        for (statement, says) in [
            ("DELETE FROM journal_calls", "journal_append_only"),
            ("UPDATE journal_calls SET at = at", "journal_append_only"),
            ("DELETE FROM journal_subjects", "journal_append_only"),
            ("UPDATE journal_subjects SET act = act", "journal_append_only"),
            ("DELETE FROM journal_cuts", "journal_append_only"),
            ("UPDATE journal_cuts SET before_at = made_at", "journal_append_only"),
            ("INSERT INTO journal_cuts SELECT accounts.id, made_at, made_at, counted_from FROM accounts, journal_cuts LIMIT 1", "journal_cut_too_early"),
        ] {
            let refused = app.try_sql(statement);
            assert!(refused.as_ref().is_err_and(|why| why.contains(says)), "{statement}: {refused:?}");
        }
    }

    fn what_is_seen_again_at_once_is_written_again_and_its_names_are_not(app: TestApp) {
        let (unit, officer) = (app.coordinator(), officer(&app));
        let (boy, other) = (unit.person("young_person", "Sameirus", None), unit.person("young_person", "Sameirina", None));
        let written = || {
            let of = |table: &str| app.count(&format!("{table} WHERE operation = 'people.get'"));
            let names = "journal_subjects JOIN journal_calls ON journal_calls.id = call_id";
            (of("journal_calls"), of("journal"), of(names))
        };
        let look = |at: &str, person: &str| {
            app.set_clock(at);
            unit.get(&format!("/v1/people/{person}")).ok();
            written()
        };
        // Calls, what the journal shows of them, and the rows that this took.
        assert_eq!(look("2026-03-02T09:01:00Z", &boy), (1, 1, 1));
        assert_eq!(look("2026-03-02T09:14:59.999Z", &boy), (2, 2, 1));
        assert_eq!(look("2026-03-02T09:14:59.999Z", &other), (3, 3, 2));
        // A cut at the end of a day finds whole calls.
        assert_eq!(look("2026-03-02T22:59:59Z", &boy), (4, 4, 3));
        assert_eq!(look("2026-03-02T23:00:00Z", &boy), (5, 5, 4));
        assert_eq!(look("2026-03-02T23:01:00Z", &boy), (6, 6, 4));

        let listed = officer.get(&format!("/v1/oversight/people/{boy}/journal?limit=200")).ok();
        let looks = listed["items"].as_array().unwrap().iter().filter(|entry| entry["operation"] == "people.get");
        let times: Vec<&str> = looks.map(|entry| entry["at"].as_str().unwrap()).collect();
        assert_eq!(times.len(), 5, "{listed}");
        assert_eq!((times[0], times[4]), ("2026-03-02T23:01:00Z", "2026-03-02T09:01:00Z"));

        app.set_clock("2027-04-03T08:00:00Z");
        officer.get(&format!("/v1/oversight/people/{boy}/journal")).ok();
        app.set_clock("2027-04-10T08:00:00Z");
        assert_eq!(app.tick().failed, 0);
        assert_eq!(written(), (2, 2, 1), "thirteen months and a week later the second of March is gone, by calls and names");
    }

    fn what_the_journal_lost_is_named_anew_and_under_nobody_else(app: TestApp) {
        let (unit, officer) = (app.coordinator(), officer(&app));
        let (boy, girl) = (unit.person("young_person", "Glemtus", None), unit.person("young_person", "Glemtine", None));
        let look = |person: &str| drop(unit.get(&format!("/v1/people/{person}")).ok());
        let looks_at = |person: &str| {
            let listed = officer.get(&format!("/v1/oversight/people/{person}/journal?limit=200")).ok();
            column(&listed, "operation").into_iter().filter(|operation| *operation == "people.get").count()
        };
        look(&boy);
        let calls = app.count("journal_calls");
        // As when an older copy is put in its place under a running service: its numbers are given anew.
        lose_the_journal(&app);
        look(&boy);
        assert_eq!(looks_at(&boy), 1);
        lose_the_journal(&app);
        (0..calls + 5).for_each(|_| look(&girl));
        look(&boy);
        assert_eq!((looks_at(&boy), looks_at(&girl)), (1, usize::try_from(calls).unwrap() + 5));
    }

    fn the_officer_sees_consents_and_withdrawals_without_a_word_of_the_case(app: TestApp) {
        let (unit, officer) = (app.coordinator(), officer(&app));
        let (boy, mother, father) = (
            unit.person("young_person", "Bertramius", Some("2010-05-01")),
            unit.person("parent", "Mathildur", None),
            unit.person("parent", "Frodemund", None),
        );
        unit.set_custody(&boy, &[&mother, &father]);
        let (case, now) = (app.founded_case(&unit, &[&boy, &mother, &father]), app.clock.now());
        let made = unit.post("/v1/offers", &offer(&case, &boy, "mentor", now)).id();
        let consents = format!("/v1/offers/{made}/consents");
        unit.post(&consents, &yes(&boy, now)).ok();
        app.pass(TimeDelta::hours(1));
        unit.post(&consents, &yes(&mother, app.clock.now())).ok();
        let sole = json!({"giver_id": father, "scope": "participation", "text_version": "2026-1", "given": false,
            "not_needed_basis": "Moderen har forældremyndigheden alene", "happened_at": app.clock.now()});
        unit.post(&consents, &sole).ok();
        unit.post(&format!("/v1/offers/{made}/accept"), &json!({"words": "Ja tak"})).ok();
        let known = |person: &str| officer.get(&format!("/v1/oversight/people/{person}/consents")).ok()["items"].as_array().unwrap().clone();
        let given = known(&mother)[0].clone();
        app.pass(TimeDelta::days(2));
        unit.post(&format!("/v1/consents/{}/withdraw", given["id"].as_str().unwrap()), &json!({"happened_at": app.clock.now()})).ok();

        let all = officer.get(&format!("/v1/oversight/cases/{case}/consents")).ok();
        assert_eq!((known(&boy).len(), known(&mother).len(), known(&father).len(), all["items"].as_array().unwrap().len()), (3, 1, 1, 3));
        let withdrawn = &known(&mother)[0];
        assert_eq!((&withdrawn["given"], &withdrawn["track"], &withdrawn["scope"]), (&json!(true), &json!("mentor"), &json!("participation")));
        assert_eq!((&withdrawn["given_at"], &withdrawn["withdrawn_at"]), (&json!("2026-03-02T09:00:00Z"), &json!("2026-03-04T09:00:00Z")));
        assert_eq!((&known(&father)[0]["not_needed"], &known(&father)[0]["given"]), (&json!(true), &json!(false)));
        let mut found: Vec<_> =
            officer.post("/v1/oversight/people/search", &json!({"case_id": case})).ok().as_array().unwrap().iter().map(|one| one["person_id"].clone()).collect();
        let mut everybody = vec![json!(boy), json!(mother), json!(father)];
        found.sort_by_key(Value::to_string);
        everybody.sort_by_key(Value::to_string);
        assert_eq!(found, everybody);

        let shown = format!("{all} {}", officer.get(&format!("/v1/oversight/people/{boy}/journal?limit=200")).ok());
        for word in ["Moderen", "Ja tak", "Forklaret", "fravær", "Bertramius", "Kaspersson"] {
            assert!(!shown.contains(word), "the officer read {word:?}");
        }
        for path in ["/v1/cases", "/v1/enquiries", "/v1/offers", "/v1/courses", "/v1/people", "/v1/sessions"] {
            officer.get(path).refused(403, "forbidden");
        }
    }

    fn a_bar_hides_from_the_officer_too(app: TestApp) {
        let (unit, officer) = (app.coordinator(), officer(&app));
        let (father, boy) = (unit.person("parent", "Frodemund", None), unit.person("young_person", "Bertramius", Some("2010-05-01")));
        let case = app.founded_case(&unit, &[&father, &boy]);
        let bar = json!({"account_id": officer.account_id(), "person_id": father, "cause": "family"});
        unit.post("/v1/bars", &bar).ok();
        for path in [format!("people/{father}/journal"), format!("people/{father}/extract"), format!("people/{father}/consents"), format!("cases/{case}/consents")] {
            officer.get(&format!("/v1/oversight/{path}")).refused(404, "not_found");
        }
        assert_eq!(officer.post("/v1/oversight/people/search", &json!({"case_id": case})).ok(), json!([]));
        officer.get(&format!("/v1/oversight/people/{boy}/journal")).ok();
    }

    fn the_officer_comes_from_a_person_to_the_enquiry(app: TestApp) {
        let (unit, officer) = (app.coordinator(), officer(&app));
        let (boy, other) = (unit.person("young_person", "Bertramius", Some("2010-05-01")), unit.person("relative", "Gudrunette", None));
        let enquiry = app.enquiry_of(&app.founded_case(&unit, &[&boy])).to_string();
        app.founded_case(&unit, &[&other]);
        let entries = officer.get(&format!("/v1/oversight/people/{boy}/journal")).ok();
        let linked = entries["items"].as_array().unwrap().iter().find(|entry| entry["operation"] == "enquiries.link_subject").unwrap().clone();
        assert_eq!(linked["enquiry_ids"], json!([enquiry]));
        let of_enquiry = officer.get(&format!("/v1/oversight/enquiries/{enquiry}/journal")).ok();
        assert!(column(&of_enquiry, "operation").contains(&"enquiries.receive"));
    }
}
