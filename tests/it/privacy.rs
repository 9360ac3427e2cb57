//! The sweep over what is shown and sent: whoever was shown is in the journal, and no planted name leaves the building.

use serde_json::json;

use crate::support::TestApp;

both_engines! {
    fn whoever_was_shown_is_in_the_journal(app: TestApp) {
        let coordinator = app.coordinator();
        let name = json!({"given": "Bertramius", "family": "Kaspersson"});
        let person = coordinator.post("/v1/people", &json!({"kind": "young_person", "name": name, "born_on": "2010-02-03"})).id();
        assert_eq!(coordinator.get(&format!("/v1/people/{person}")).ok()["given_name"], "Bertramius");
        coordinator.get("/v1/people").ok();
        let found = coordinator.post("/v1/people/search", &json!({"born_on": "2010-02-03", "name": "Bertramius"})).ok();
        assert_eq!(found[0]["id"], json!(person));
        app.account("mads", &["mentor"]).get(&format!("/v1/people/{person}")).refused(404, "not_found");
        assert!(app.complaints().is_empty(), "{:?}", app.complaints());

        // The sweep sees what it is there for: an id or a name that was shown and not written down.
        for body in [json!({"case_person": person}), json!({"title": "Om Bertramius"})] {
            app.pretend("0b9f6d1c52c14d6e", &body.to_string());
            assert_eq!(app.complaints().len(), 1, "{body}");
            app.forget();
            coordinator.get(&format!("/v1/people/{person}")).ok();
        }
    }
}
