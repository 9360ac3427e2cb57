//! What is answered where no handler is: 405 with `Allow` where the path exists, else 404.

use std::collections::{BTreeSet, HashSet};

use actix_web::dev::ResourceDef;
use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, web};
use utoipa::openapi::path::{Parameter, ParameterIn};
use utoipa::openapi::{Paths, RefOr};

/// The documented paths with their methods, and which of them take no query.
#[derive(Clone, Default)]
pub struct Routes {
    known: Vec<(ResourceDef, Vec<&'static str>)>,
    /// Each as `GET /v1/today`.
    without_query: HashSet<String>,
}

impl Routes {
    /// Adds the operations of some paths, which lie under another.
    pub(super) fn add(&mut self, under: &str, paths: &Paths) {
        for (path, item) in &paths.paths {
            let methods = [
                ("GET", &item.get),
                ("HEAD", &item.get),
                ("PUT", &item.put),
                ("POST", &item.post),
                ("DELETE", &item.delete),
                ("PATCH", &item.patch),
                ("OPTIONS", &item.options),
            ];
            let pattern = format!("{under}{path}");
            let mut known = Vec::new();
            for (name, operation) in methods.into_iter().filter_map(|(name, operation)| Some((name, operation.as_ref()?))) {
                known.push(name);
                let is_asked = |parameter: &RefOr<Parameter>| match parameter {
                    RefOr::T(parameter) => matches!(parameter.parameter_in, ParameterIn::Query),
                    RefOr::Ref(_) => true,
                };
                if !operation.parameters.iter().flatten().any(is_asked) {
                    self.without_query.insert(format!("{name} {pattern}"));
                }
            }
            self.known.push((ResourceDef::new(pattern), known));
        }
    }

    /// Whether an operation is known to take no query.
    pub(super) fn takes_no_query(&self, method: &str, pattern: &str) -> bool {
        self.without_query.contains(&format!("{method} {pattern}"))
    }

    fn allowed(&self, path: &str) -> BTreeSet<&'static str> {
        self.known.iter().filter(|(pattern, _)| pattern.is_match(path)).flat_map(|(_, methods)| methods.iter().copied()).collect()
    }
}

impl<'a> FromIterator<(&'a str, Vec<&'static str>)> for Routes {
    fn from_iter<I: IntoIterator<Item = (&'a str, Vec<&'static str>)>>(known: I) -> Self {
        Self { known: known.into_iter().map(|(path, methods)| (ResourceDef::new(path), methods)).collect(), ..Self::default() }
    }
}

/// The app's default service. Without [`Routes`] in its data every unknown path is 404.
pub async fn unmatched(req: HttpRequest) -> HttpResponse {
    let allowed = req.app_data::<web::Data<Routes>>().map(|routes| routes.allowed(req.path())).unwrap_or_default();
    if allowed.is_empty() || allowed.contains(req.method().as_str()) {
        return HttpResponse::NotFound().finish();
    }
    HttpResponse::MethodNotAllowed().insert_header((header::ALLOW, allowed.into_iter().collect::<Vec<_>>().join(", "))).finish()
}
