//! What every operation of the OpenAPI document has in common, said once.

use std::collections::BTreeMap;

use utoipa::openapi::path::{Operation, Parameter, ParameterBuilder, ParameterIn};
use utoipa::openapi::schema::{ArrayItems, ObjectBuilder, Schema, Type};
use utoipa::openapi::{OpenApi, PathItem, Ref, RefOr, Required};
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
    for operation in api.paths.paths.values_mut().flat_map(operations) {
        for (status, response) in Refusals::responses() {
            operation.responses.responses.entry(status).or_insert(response);
        }
    }
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

fn operations(item: &mut PathItem) -> impl Iterator<Item = &mut Operation> {
    [&mut item.get, &mut item.put, &mut item.post, &mut item.delete, &mut item.patch].into_iter().filter_map(Option::as_mut)
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
            "Names this command, so that sending it again is harmless for 7 days. With another body: 422.",
            schema.examples(["6f1c2b1e-0d2a-4e0f-9a53-6f4f6b8f0c11"]),
        )]
    }
}

/// `params(Expected)`: the header of a change that sets fields.
impl IntoParams for Expected {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        let schema = ObjectBuilder::new().schema_type(Type::String);
        let text = "The ETag of the answer the change was made from; only its version counts. Missing: 428, outdated: 412.";
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

    #[derive(utoipa::OpenApi)]
    #[openapi(paths(change))]
    struct Api;

    #[test]
    fn values_and_headers_are_documented_as_they_are_judged() {
        let mut api = <Api as utoipa::OpenApi>::openapi();
        describe(&mut api);
        let api = serde_json::to_value(&api).unwrap();
        let at = |pointer: &str| api.pointer(pointer).cloned().unwrap_or(Value::Null);
        assert_eq!(at("/components/schemas/Line/maxLength"), json!(200));
        let operation = "/paths/~1v1~1courses~1{course_id}/put";
        assert_eq!(
            at(&format!("{operation}/responses/4XX/content/application~1problem+json/schema/$ref")),
            json!("#/components/schemas/Problem")
        );
        assert_eq!((at("/components/schemas/Few3_Goal/maxItems"), at("/components/schemas/Few4_Goal/maxItems")), (json!(3), json!(4)));
        assert_eq!(at("/components/schemas/List_View/properties/items/items/$ref"), json!("#/components/schemas/View"));
        assert_eq!(at("/components/schemas/Change/required"), json!(["name", "goals", "more_goals", "persons", "at"]));
        // Each reference leads somewhere.
        let text = api.to_string();
        for part in text.split("#/components/schemas/").skip(1) {
            let name = part.split('"').next().unwrap();
            assert!(!at(&format!("/components/schemas/{name}")).is_null(), "{name} is referred to, but not there");
        }
    }
}
