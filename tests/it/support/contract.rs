//! Holds every exchange of every story against the published contract: a documented operation, a documented answer, and both
//! bodies exactly as their schemas say.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use jsonschema::{Draft, Registry, Validator};
use serde_json::{Value, json};

use super::http::{Answer, Request};

/// What the document is called among its references.
const HERE: &str = "https://contract.invalid/";

/// An OpenAPI document, with the validators made from it so far.
pub struct Contract {
    /// As published, but every object of known members refuses others, and so does every list of codes: an answer must not hold what the document
    /// keeps quiet about.
    document: Arc<Value>,
    /// The same, read once for all validators: a copy of the whole in each of them would be gigabytes.
    registry: Registry<'static>,
    validators: Mutex<HashMap<String, Arc<Validator>>>,
}

impl Contract {
    pub fn new(document: &Value) -> Self {
        let mut document = document.clone();
        document["$schema"] = json!("https://json-schema.org/draft/2020-12/schema");
        close(&mut document, false);
        let document = Arc::new(document);
        let registry = Registry::new().add(HERE, Arc::clone(&document)).unwrap().prepare().unwrap();
        Self { document, registry, validators: Mutex::default() }
    }

    /// What the exchange breaks, in words; nothing for paths outside `/v1/`.
    pub fn complaint(&self, request: &Request, answer: &Answer) -> Option<String> {
        let path = request.path.split('?').next().unwrap();
        if !path.starts_with("/v1/") {
            return None;
        }
        let operation = self.find_operation(&request.method, path);
        let Some(at) = operation else {
            let may_be_unknown = [404, 405].contains(&answer.status);
            return (!may_be_unknown).then(|| format!("{answer}: the contract has no {} {path}: annotate the handler", request.method));
        };
        let responses = self.document.pointer(&format!("{at}/responses"))?.as_object()?;
        let class = format!("{}XX", answer.status / 100);
        let Some(key) = [answer.status.to_string(), class, "default".to_owned()].into_iter().find(|key| responses.contains_key(key)) else {
            return Some(format!("{answer}: the contract does not name this status: document it"));
        };
        let said = self.follow(&format!("{at}/responses/{key}"));
        if let Some(complaint) = self.body_complaint(&said, answer.header("content-type"), &answer.body) {
            return Some(format!("{answer}: {complaint}"));
        }
        let asked = format!("{at}/requestBody");
        if (200..300).contains(&answer.status) && self.document.pointer(&asked).is_some() {
            let sent = request.headers.iter().find(|(name, _)| name.eq_ignore_ascii_case("content-type")).map(|(_, value)| value.as_str());
            let complaint = self.body_complaint(&self.follow(&asked), sent, &request.body);
            return complaint.map(|complaint| format!("{answer}: was accepted, but of the request {complaint}"));
        }
        None
    }

    /// The id of the operation that a request is for.
    pub fn operation_id(&self, method: &str, path: &str) -> Option<&str> {
        let at = self.find_operation(method, path.split('?').next()?)?;
        self.document.pointer(&at)?["operationId"].as_str()
    }

    /// The JSON pointer of the operation for a path; a fixed part goes before a parameter.
    fn find_operation(&self, method: &str, path: &str) -> Option<String> {
        let parts: Vec<&str> = path.split('/').collect();
        let fits = |template: &str| {
            let known: Vec<&str> = template.split('/').collect();
            known.len() == parts.len() && known.iter().zip(&parts).all(|(known, part)| known.starts_with('{') || known == part)
        };
        let paths = self.document["paths"].as_object()?;
        let template = paths.keys().filter(|template| fits(template)).min_by_key(|template| template.matches('{').count())?;
        let method = if method == "HEAD" { "get" } else { &method.to_lowercase() };
        paths[template].get(method)?;
        Some(format!("/paths/{}/{method}", escaped(template)))
    }

    /// The pointer to where `at` leads when it is only a reference.
    fn follow(&self, at: &str) -> String {
        match self.document.pointer(at).and_then(|value| value["$ref"].as_str()) {
            Some(target) => target.trim_start_matches('#').to_owned(),
            None => at.to_owned(),
        }
    }

    fn body_complaint(&self, at: &str, content_type: Option<&str>, body: &[u8]) -> Option<String> {
        let kinds = self.document.pointer(&format!("{at}/content")).and_then(Value::as_object);
        let kind = content_type.unwrap_or_default().split(';').next().unwrap().trim();
        match kinds.filter(|kinds| !kinds.is_empty()) {
            None => (!body.is_empty()).then(|| "the contract knows no body here".to_owned()),
            // A required body that is missing is the server's business; an answer's body is only left out where there is none.
            Some(_) if body.is_empty() => None,
            Some(kinds) if !kinds.contains_key(kind) => Some(format!("the contract knows no body of type {kind:?} here")),
            Some(_) if !kind.ends_with("json") => None,
            Some(kinds) => {
                kinds[kind].get("schema")?;
                let Ok(value) = serde_json::from_slice(body) else { return Some("the body is not JSON".to_owned()) };
                let validator = self.validator(&format!("{at}/content/{}/schema", escaped(kind)));
                let faults: Vec<String> = validator.iter_errors(&value).map(|fault| format!("{} {fault}", fault.instance_path())).collect();
                (!faults.is_empty()).then(|| format!("the body breaks the contract: {}", faults.join("; ")))
            }
        }
    }

    fn validator(&self, at: &str) -> Arc<Validator> {
        let mut validators = self.validators.lock().unwrap();
        let make = || {
            let schema = json!({"$ref": format!("{HERE}#{}", at.replace('{', "%7B").replace('}', "%7D"))});
            Arc::new(jsonschema::options().with_draft(Draft::Draft202012).with_registry(&self.registry).build(&schema).unwrap())
        };
        Arc::clone(validators.entry(at.to_owned()).or_insert_with(make))
    }
}

/// The codes of an open vocabulary: what is sent today stands in the document, though clients must take others.
fn known_codes(description: &str) -> Option<Value> {
    let (_, known) = description.strip_prefix("Open vocabulary")?.split_once("Known today: ")?;
    Some(known.split('`').skip(1).step_by(2).collect())
}

/// Closes every object whose members are all listed in one place, and every list of codes; parts of an `allOf` are one object together.
fn close(schema: &mut Value, is_part: bool) {
    match schema {
        Value::Object(members) => {
            if let Some(known) = members.get("description").and_then(Value::as_str).and_then(known_codes) {
                members.insert("enum".to_owned(), known);
            }
            if members.get("properties").is_some_and(Value::is_object) && members.get("type").is_some() && !is_part {
                let lists_all = !["allOf", "oneOf", "anyOf"].iter().any(|word| members.contains_key(*word));
                if lists_all {
                    members.entry("additionalProperties").or_insert(json!(false));
                }
            }
            for (name, member) in members.iter_mut().filter(|(name, _)| !["example", "examples", "default"].contains(&name.as_str())) {
                close(member, name == "allOf");
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| close(item, is_part)),
        _ => {}
    }
}

fn escaped(part: &str) -> String {
    part.replace('~', "~0").replace('/', "~1")
}

#[test]
fn the_contract_sees_what_is_wrong() {
    let colour =
        json!({"type": "string", "description": "Open vocabulary: accept others. Known today: `red` (Red), `deep_blue` (Deep blue)."});
    let schema = json!({"type": "object", "required": ["id"], "properties": {"id": {"type": "string"}, "colour": colour}});
    let body = |name: &str| json!({"content": {"application/json": {"schema": {"$ref": format!("#/components/schemas/{name}")}}}});
    let contract = Contract::new(&json!({
        "paths": {
            "/v1/cats/{id}": {"get": {"responses": {"200": body("Cat"), "4XX": {"$ref": "#/components/responses/Problem"}}}},
            "/v1/cats/new": {"post": {"requestBody": body("Cat"), "responses": {"204": {"description": "done"}}}},
        },
        "components": {
            "schemas": {"Cat": schema},
            "responses": {"Problem": {"content": {"application/problem+json": {"schema": {"type": "object"}}}}},
        },
    }));
    let complaint = |method: &str, path: &str, sent: &str, status: u16, kind: &str, body: &str| {
        let request = Request::new(method, path).header("content-type", "application/json").body(sent);
        let headers = vec![("content-type".to_owned(), kind.to_owned())];
        contract.complaint(&request, &Answer { status, headers, body: body.into(), to: String::new() }).unwrap_or_default()
    };
    let cases = [
        ("GET", "/v1/cats/1?a=b", "", 200, "application/json", r#"{"id":"a"}"#, ""),
        ("GET", "/v1/cats/1", "", 200, "application/json", r#"{"id":1}"#, "breaks the contract: /id"),
        ("GET", "/v1/cats/1", "", 200, "application/json", r#"{"id":"a","name":"Mis"}"#, "name"),
        ("GET", "/v1/cats/1", "", 200, "application/json", r#"{"id":"a","colour":"deep_blue"}"#, ""),
        ("GET", "/v1/cats/1", "", 200, "application/json", r#"{"id":"a","colour":"grey"}"#, "breaks the contract: /colour"),
        ("GET", "/v1/cats/1", "", 200, "application/json", "{}", "breaks the contract"),
        ("GET", "/v1/cats/1", "", 200, "text/plain", "x", "no body of type"),
        ("GET", "/v1/cats/1", "", 202, "application/json", "{}", "does not name this status"),
        ("GET", "/v1/cats/1", "", 404, "application/problem+json", "{}", ""),
        ("GET", "/v1/cats/1", "", 404, "application/json", "{}", "no body of type"),
        ("GET", "/v1/dogs", "", 200, "application/json", "{}", "has no GET /v1/dogs"),
        ("GET", "/v1/dogs", "", 404, "application/problem+json", "{}", ""),
        ("GET", "/docs", "", 200, "text/html", "x", ""),
        ("POST", "/v1/cats/new", r#"{"id":"a"}"#, 204, "", "", ""),
        ("POST", "/v1/cats/new", r#"{"id":2}"#, 204, "", "", "of the request the body breaks"),
        ("POST", "/v1/cats/new", r#"{"id":"a"}"#, 204, "application/json", "{}", "knows no body"),
    ];
    for (method, path, sent, status, kind, body, says) in cases {
        let found = complaint(method, path, sent, status, kind, body);
        assert!(if says.is_empty() { found.is_empty() } else { found.contains(says) }, "{method} {path} {status} {body}: {found:?}");
    }
}
