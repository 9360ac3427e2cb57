//! The examples of the contract: requests and answers of stories that really ran (`api-spec/examples.json`, recorded by the tests).

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;
use utoipa::openapi::path::Operation;
use utoipa::openapi::{Content, OpenApi, RefOr};

const JSON: &str = "application/json";

/// One exchange.
#[derive(Deserialize)]
struct Example {
    request: Option<Value>,
    status: u16,
    answer: Option<Value>,
}

/// Puts each example beside the schemas of its operation. A file that cannot be read gives none: a test holds that it can.
pub(super) fn add(api: &mut OpenApi) {
    let examples: BTreeMap<String, Example> = serde_json::from_str(include_str!("../../api-spec/examples.json")).unwrap_or_default();
    for item in api.paths.paths.values_mut() {
        let operations = [&mut item.get, &mut item.put, &mut item.post, &mut item.patch, &mut item.delete];
        for operation in operations.into_iter().flatten() {
            if let Some(example) = operation.operation_id.as_ref().and_then(|id| examples.get(id)) {
                show(operation, example);
            }
        }
    }
}

fn show(operation: &mut Operation, example: &Example) {
    if let (Some(RefOr::T(body)), Some(request)) = (&mut operation.request_body, &example.request) {
        put(body.content.get_mut(JSON), request);
    }
    if let (Some(RefOr::T(response)), Some(answer)) = (operation.responses.responses.get_mut(&example.status.to_string()), &example.answer)
    {
        put(response.content.get_mut(JSON), answer);
    }
}

fn put(content: Option<&mut RefOr<Content>>, example: &Value) {
    if let Some(RefOr::T(content)) = content {
        content.example = Some(example.clone());
    }
}
