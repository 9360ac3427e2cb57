//! What every operation of the OpenAPI document has in common, said once.

use std::collections::BTreeMap;

use utoipa::openapi::header::{Header, HeaderBuilder};
use utoipa::openapi::path::{Operation, Parameter, ParameterBuilder, ParameterIn};
use utoipa::openapi::schema::{ArrayItems, ObjectBuilder, Schema, Type};
use utoipa::openapi::{OpenApi, PathItem, Ref, RefOr, Required, Response, ResponseBuilder};
use utoipa::{IntoParams, IntoResponses, ToSchema};

use super::conditional::Expected;
use super::page::{Cursor, Limit};
use super::problem::{ProblemBody, Refusals};
use super::request::IdempotencyKey;
use crate::base::clock::Instant;
use crate::base::ids::AnyId;
use crate::base::value::Day;

/// Adds to each operation the refusals it shares with all others, and the schemas that parameters and refusals need; names each
/// schema once. Rooms document only their own answers.
///
/// An enum that stands only in filters is not collected by the derive: give it `#[param(inline)]`.
pub fn describe(api: &mut OpenApi) {
    for (method, operation) in api.paths.paths.values_mut().flat_map(operations) {
        for (status, response) in Refusals::responses() {
            operation.responses.responses.entry(status).or_insert(response);
        }
        if method == "get" && is_tagged(operation) {
            let unchanged = ResponseBuilder::new().description("Unchanged since the ETag in `If-None-Match`.").build();
            operation.responses.responses.entry("304".to_owned()).or_insert(RefOr::T(unchanged));
            operation.parameters.get_or_insert_default().push(RefOr::T(if_none_match()));
        }
        for (status, response) in &mut operation.responses.responses {
            if let RefOr::T(response) = response {
                let refer = |name: &str| (name.to_owned(), RefOr::Ref(Ref::new(format!("#/components/headers/{name}"))));
                let named = headers_of(status, response).into_iter().map(refer).collect::<Vec<_>>();
                response.headers.extend(named);
            }
        }
    }
    api.components.get_or_insert_default().headers.extend(headers());
    let schemas = &mut api.components.get_or_insert_default().schemas;
    add::<ProblemBody<'_>>(schemas);
    add::<AnyId>(schemas);
    add::<Instant>(schemas);
    add::<Day>(schemas);
    add::<Limit>(schemas);
    add::<Cursor>(schemas);
    let named = schemas.iter().filter_map(|(name, schema)| Some((name.clone(), worth_a_name(schema)?))).collect::<Vec<_>>();
    for schema in schemas.values_mut() {
        if let RefOr::T(schema) = schema {
            refer_inside(schema, &named);
        }
    }
}

fn operations(item: &mut PathItem) -> impl Iterator<Item = (&'static str, &mut Operation)> {
    let all = [
        ("get", &mut item.get),
        ("put", &mut item.put),
        ("post", &mut item.post),
        ("delete", &mut item.delete),
        ("patch", &mut item.patch),
    ];
    all.into_iter().filter_map(|(method, operation)| Some((method, operation.as_mut()?)))
}

/// Whether an operation answers with something that has an ETag: every body of ours has one, but a page for people.
fn is_tagged(operation: &Operation) -> bool {
    matches!(operation.responses.responses.get("200"), Some(RefOr::T(response)) if has_tag(response))
}

fn has_tag(response: &Response) -> bool {
    response.content.keys().any(|kind| kind == "application/json" || kind.starts_with("text/calendar"))
}

/// A page of a list says where the next one is.
fn is_list(response: &Response) -> bool {
    let Some(RefOr::T(content)) = response.content.get("application/json") else { return false };
    matches!(&content.schema, Some(RefOr::Ref(list)) if list.ref_location.contains("/List_"))
}

/// The headers of an answer that a client may need.
fn headers_of(status: &str, response: &Response) -> Vec<&'static str> {
    let mut names = vec!["X-Request-Id"];
    match status {
        "4XX" | "5XX" => names.extend(["Content-Language", "Retry-After"]),
        "201" => names.extend(["Location", "ETag"]),
        "304" => names.push("ETag"),
        _ if has_tag(response) => names.push("ETag"),
        _ => {}
    }
    if is_list(response) {
        names.push("Link");
    }
    names
}

/// What each of them says.
fn headers() -> impl Iterator<Item = (String, RefOr<Header>)> {
    let text = |name: &str, description: &str, example: &str| {
        let schema = ObjectBuilder::new().schema_type(Type::String).examples([example]);
        (name.to_owned(), RefOr::T(HeaderBuilder::new().description(Some(description)).schema(Some(schema)).build()))
    };
    let seconds = ObjectBuilder::new().schema_type(Type::Integer).minimum(Some(0)).examples([60]);
    let wait = HeaderBuilder::new().description(Some("Where it is to be sent again: seconds to wait.")).schema(Some(seconds)).build();
    [
        text("Content-Language", "In which the words for people are: as `Accept-Language` asked, else in Danish.", "da"),
        text("ETag", "Of this very answer: for `If-None-Match`, and for `If-Match` of a change made from it.", "\"3.b9Xv0lq2c1hZk7Wd\""),
        text("Link", "The next page, with `rel=\"next\"`; missing on the last.", "</v1/people?cursor=eyJ0&limit=50>; rel=\"next\""),
        text("Location", "Where what was made lies from now on.", "/v1/people/0192f0c1-9c1e-7c3a-9d39-0f2f4b0a8a11"),
        ("Retry-After".to_owned(), RefOr::T(wait)),
        text(
            "X-Request-Id",
            "Under which the log knows this answer: name it to whoever looks after the service.",
            "0192f0c1-9c1e-7c3a-9d39-0f2f4b0a8a11",
        ),
    ]
    .into_iter()
}

fn if_none_match() -> Parameter {
    let schema = ObjectBuilder::new().schema_type(Type::String).examples(["\"3.b9Xv0lq2c1hZk7Wd\""]);
    let parameter = ParameterBuilder::new().name("If-None-Match").parameter_in(ParameterIn::Header).required(Required::False);
    parameter.description(Some("The ETag of the answer at hand: 304 when it is still this one.")).schema(Some(schema)).build()
}

fn add<T: ToSchema>(schemas: &mut BTreeMap<String, RefOr<Schema>>) {
    let mut parts = vec![(T::name().into_owned(), T::schema())];
    T::schemas(&mut parts);
    for (name, schema) in parts {
        schemas.entry(name).or_insert(schema);
    }
}

/// Objects with members and closed lists of words: what a generated client makes a type of.
fn worth_a_name(schema: &RefOr<Schema>) -> Option<Schema> {
    match schema {
        RefOr::T(Schema::Object(object)) if !object.properties.is_empty() || object.enum_values.is_some() => {
            Some(Schema::Object(object.clone()))
        }
        _ => None,
    }
}

/// The derive writes a parameter's type out (`List<View>`); a reference in its place gives a client one type instead of two.
fn refer(part: &mut RefOr<Schema>, named: &[(String, Schema)]) {
    let RefOr::T(schema) = part else { return };
    match named.iter().find(|(_, known)| known == schema) {
        Some((name, _)) => *part = Ref::from_schema_name(name).into(),
        None => refer_inside(schema, named),
    }
}

fn refer_inside(schema: &mut Schema, named: &[(String, Schema)]) {
    match schema {
        Schema::Object(object) => object.properties.values_mut().for_each(|part| refer(part, named)),
        Schema::OneOf(one_of) => one_of.items.iter_mut().for_each(|part| refer(part, named)),
        Schema::AllOf(all_of) => all_of.items.iter_mut().for_each(|part| refer(part, named)),
        Schema::AnyOf(any_of) => any_of.items.iter_mut().for_each(|part| refer(part, named)),
        Schema::Array(array) => {
            if let ArrayItems::RefOrSchema(part) = &mut array.items {
                refer(part, named);
            }
        }
        _ => {}
    }
}

/// `params(IdempotencyKey)`: the header of a POST that must happen once.
impl IntoParams for IdempotencyKey {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        let schema = ObjectBuilder::new().schema_type(Type::String).min_length(Some(1)).max_length(Some(128)).pattern(Some("^[!-~]+$"));
        vec![header(
            "Idempotency-Key",
            "Names this command, so that sending it again, byte for byte, is harmless for 7 days. With another body, or the same one written in another order: 422.",
            schema.examples(["6f1c2b1e-0d2a-4e0f-9a53-6f4f6b8f0c11"]),
        )]
    }
}

/// `params(Expected)`: the header of a change that sets fields.
impl IntoParams for Expected {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        let schema = ObjectBuilder::new().schema_type(Type::String);
        let text = "The ETag of the answer the change was made from, or that answer's `version` in quotes (`\"3\"`): only the version counts. Missing: 428, outdated: 412.";
        vec![header("If-Match", text, schema.examples(["\"3.b9Xv0lq2c1hZk7Wd\""]))]
    }
}

fn header(name: &str, description: &str, schema: ObjectBuilder) -> Parameter {
    let parameter = ParameterBuilder::new().name(name).parameter_in(ParameterIn::Header).required(Required::True);
    parameter.description(Some(description)).schema(Some(schema)).build()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::http::List;
    use crate::base::ids::{CourseId, PersonId};
    use crate::base::value::{Email, Few, Field, Line, Phone, Text};
    use serde::{Deserialize, Serialize};
    use serde_json::{Value, json};

    #[derive(Deserialize, ToSchema)]
    #[expect(dead_code, reason = "only its documentation is looked at")]
    struct Goal {
        title: Line,
        until: Option<Day>,
    }

    #[derive(Deserialize, ToSchema)]
    #[expect(dead_code, reason = "only its documentation is looked at")]
    struct Change {
        /// The name.
        name: Line,
        text: Option<Text>,
        phone: Option<Phone>,
        email: Option<Email>,
        goals: Few<Goal, 3>,
        more_goals: Few<Goal, 4>,
        two_goals: Few<Goal, 4, 2>,
        words: Option<Few<Line, 5>>,
        persons: Few<PersonId, 2>,
        #[serde(default)]
        note: Field<Line>,
        #[serde(default)]
        end_on: Field<Day>,
        at: Instant,
    }

    #[derive(Serialize, ToSchema)]
    struct View {
        id: CourseId,
        other: Option<PersonId>,
    }

    #[derive(Deserialize, IntoParams)]
    #[into_params(parameter_in = Query)]
    #[expect(dead_code, reason = "only its documentation is looked at")]
    struct Filter {
        /// Whose.
        owner: Option<PersonId>,
        limit: Option<Limit>,
        cursor: Option<Cursor>,
    }

    #[utoipa::path(put, path = "/v1/courses/{course_id}", operation_id = "courses.change",
        params(("course_id" = CourseId, Path, description = "Which"), Expected, IdempotencyKey, Filter),
        request_body = Change, responses((status = 200, body = List<View>, description = "Done")))]
    #[expect(dead_code, reason = "only its documentation is looked at")]
    fn change() {}

    #[utoipa::path(get, path = "/v1/courses/{course_id}", operation_id = "courses.get", responses((status = 200, body = View, description = "It")))]
    #[expect(dead_code, reason = "only its documentation is looked at")]
    fn read() {}

    #[derive(utoipa::OpenApi)]
    #[openapi(paths(change, read))]
    struct Api;

    #[test]
    fn values_and_headers_are_documented_as_they_are_judged() {
        let mut api = <Api as utoipa::OpenApi>::openapi();
        describe(&mut api);
        let api = serde_json::to_value(&api).unwrap();
        let at = |pointer: &str| api.pointer(pointer).cloned().unwrap_or(Value::Null);
        assert_eq!(at("/components/schemas/Line/maxLength"), json!(200));
        let operation = "/paths/~1v1~1courses~1{course_id}/put";
        let header = |status: &str, name: &str| at(&format!("{operation}/responses/{status}/headers/{name}/$ref"));
        for (status, name) in [
            ("200", "ETag"),
            ("200", "Link"),
            ("200", "X-Request-Id"),
            ("4XX", "Retry-After"),
            ("4XX", "Content-Language"),
            ("5XX", "X-Request-Id"),
        ] {
            assert_eq!(header(status, name), json!(format!("#/components/headers/{name}")), "{status}");
            assert!(at(&format!("/components/headers/{name}/schema")).is_object());
        }
        assert_eq!((header("200", "Location"), at(&format!("{operation}/responses/304"))), (Value::Null, Value::Null));
        let read = "/paths/~1v1~1courses~1{course_id}/get";
        assert_eq!(at(&format!("{read}/responses/304/headers/ETag/$ref")), json!("#/components/headers/ETag"));
        assert_eq!(at(&format!("{read}/parameters/0/name")), json!("If-None-Match"));
        assert_eq!(
            at(&format!("{operation}/responses/4XX/content/application~1problem+json/schema/$ref")),
            json!("#/components/schemas/Problem")
        );
        assert_eq!((at("/components/schemas/Few3_Goal/maxItems"), at("/components/schemas/Few4_Goal/maxItems")), (json!(3), json!(4)));
        assert_eq!(
            (at("/components/schemas/Few2to4_Goal/minItems"), at("/components/schemas/Few4_Goal/minItems")),
            (json!(2), Value::Null)
        );
        assert_eq!(at("/components/schemas/List_View/properties/items/items/$ref"), json!("#/components/schemas/View"));
        assert_eq!(at("/components/schemas/Change/required"), json!(["name", "goals", "more_goals", "two_goals", "persons", "at"]));
        // Each reference leads somewhere.
        let text = api.to_string();
        for part in text.split("#/components/schemas/").skip(1) {
            let name = part.split('"').next().unwrap();
            assert!(!at(&format!("/components/schemas/{name}")).is_null(), "{name} is referred to, but not there");
        }
    }
}
