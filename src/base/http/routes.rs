//! What is answered where no handler is: 405 with `Allow` where the path exists, else 404. A path that the contract names (`/v1/people/search`)
//! is that one, and never one that another takes as a parameter (`/v1/people/{person_id}`).

use std::collections::{BTreeSet, HashMap, HashSet};

use actix_web::dev::ResourceDef;
use actix_web::guard::GuardContext;
use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, web};
use utoipa::openapi::path::{Parameter, ParameterIn};
use utoipa::openapi::{Paths, RefOr};

/// The documented paths with their methods, and which of them take no query.
#[derive(Clone, Default)]
pub struct Routes {
    /// Paths without a parameter.
    named: HashMap<String, BTreeSet<&'static str>>,
    /// Paths with parameters.
    shaped: Vec<(ResourceDef, Vec<&'static str>)>,
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
            self.know(pattern, known);
        }
    }

    fn know(&mut self, pattern: String, methods: Vec<&'static str>) {
        if pattern.contains('{') {
            self.shaped.push((ResourceDef::new(pattern), methods));
        } else {
            self.named.entry(pattern).or_default().extend(methods);
        }
    }

    /// Whether an operation is known to take no query.
    pub(super) fn takes_no_query(&self, method: &str, pattern: &str) -> bool {
        self.without_query.contains(&format!("{method} {pattern}"))
    }

    fn allowed(&self, path: &str) -> BTreeSet<&'static str> {
        let of_shape = || self.shaped.iter().filter(|(pattern, _)| pattern.is_match(path)).flat_map(|(_, methods)| methods.iter().copied());
        self.named.get(path).cloned().unwrap_or_else(|| of_shape().collect())
    }

    /// Whether a handler may take it: of a path that is named only those that have its method.
    fn may_be_taken(&self, method: &str, path: &str) -> bool {
        self.named.get(path).is_none_or(|methods| methods.contains(method))
    }
}

impl<'a> FromIterator<(&'a str, Vec<&'static str>)> for Routes {
    fn from_iter<I: IntoIterator<Item = (&'a str, Vec<&'static str>)>>(known: I) -> Self {
        let mut routes = Self::default();
        known.into_iter().for_each(|(path, methods)| routes.know(path.to_owned(), methods));
        routes
    }
}

/// Before all handlers: what none of them may take is [`unmatched`].
pub(super) fn may_be_taken(asked: &GuardContext<'_>) -> bool {
    let head = asked.head();
    asked.app_data::<web::Data<Routes>>().is_none_or(|routes| routes.may_be_taken(head.method.as_str(), head.uri.path()))
}

/// The app's default service. Without [`Routes`] in its data every unknown path is 404.
pub async fn unmatched(req: HttpRequest) -> HttpResponse {
    let allowed = req.app_data::<web::Data<Routes>>().map(|routes| routes.allowed(req.path())).unwrap_or_default();
    if allowed.is_empty() || allowed.contains(req.method().as_str()) {
        return HttpResponse::NotFound().finish();
    }
    HttpResponse::MethodNotAllowed().insert_header((header::ALLOW, allowed.into_iter().collect::<Vec<_>>().join(", "))).finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_that_is_named_is_no_parameter_of_another() {
        let routes = Routes::from_iter([("/things/{id}", vec!["GET", "PATCH"]), ("/things/search", vec!["POST"])]);
        let allowed = |path| routes.allowed(path).into_iter().collect::<Vec<_>>();
        assert_eq!((allowed("/things/search"), allowed("/things/7")), (vec!["POST"], vec!["GET", "PATCH"]));
        assert_eq!(["GET", "PATCH", "POST"].map(|method| routes.may_be_taken(method, "/things/search")), [false, false, true]);
        assert!(routes.may_be_taken("BREW", "/things/7"), "of a path with a parameter each handler says it");
    }
}
