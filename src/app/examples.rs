//! The examples of the contract: requests and answers of stories that really ran (`api-spec/examples.json`, recorded by the tests).

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;
use utoipa::openapi::path::Operation;
use utoipa::openapi::{Content, OpenApi, RefOr, Response};

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
    let body = |response: &RefOr<Response>| match response {
        RefOr::T(response) => response.content.get(JSON).cloned(),
        RefOr::Ref(_) => None,
    };
    let seen = operation.responses.responses.get(&example.status.to_string()).and_then(body);
    // 200 and 201 may answer with the same: what was seen of one holds for the other.
    for response in operation.responses.responses.values_mut().filter(|response| body(response) == seen) {
        if let (RefOr::T(response), Some(answer)) = (response, &example.answer) {
            put(response.content.get_mut(JSON), answer);
        }
    }
}

fn put(content: Option<&mut RefOr<Content>>, example: &Value) {
    if let Some(RefOr::T(content)) = content {
        content.example = Some(example.clone());
    }
}
