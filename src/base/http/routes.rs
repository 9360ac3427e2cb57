//! What is answered where no handler is: 405 with `Allow` where the path exists, else 404.

use std::collections::BTreeSet;

use actix_web::dev::ResourceDef;
use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, web};
use utoipa::openapi::Paths;

/// The documented paths with their methods.
#[derive(Clone, Default)]
pub struct Routes(Vec<(ResourceDef, Vec<&'static str>)>);

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
            let known = methods.iter().filter(|(_, operation)| operation.is_some()).map(|(name, _)| *name).collect();
            self.0.push((ResourceDef::new(format!("{under}{path}")), known));
        }
    }

    fn allowed(&self, path: &str) -> BTreeSet<&'static str> {
        self.0.iter().filter(|(pattern, _)| pattern.is_match(path)).flat_map(|(_, methods)| methods.iter().copied()).collect()
    }
}

impl<'a> FromIterator<(&'a str, Vec<&'static str>)> for Routes {
    fn from_iter<I: IntoIterator<Item = (&'a str, Vec<&'static str>)>>(known: I) -> Self {
        Self(known.into_iter().map(|(path, methods)| (ResourceDef::new(path), methods)).collect())
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
