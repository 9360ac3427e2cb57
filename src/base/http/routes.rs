//! What is answered where no handler is: 405 with `Allow` where the path exists, else 404.

use std::collections::BTreeMap;

use actix_web::dev::ResourceDef;
use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, web};

/// The documented paths with their methods.
#[derive(Clone, Default)]
pub struct Routes(Vec<(ResourceDef, Vec<&'static str>)>);

impl Routes {
    /// All operations of a documentation.
    pub fn of(api: &utoipa::openapi::OpenApi) -> Self {
        let mut known = BTreeMap::<&str, Vec<_>>::new();
        for (path, item) in &api.paths.paths {
            let methods = [
                ("GET", &item.get),
                ("HEAD", &item.get),
                ("PUT", &item.put),
                ("POST", &item.post),
                ("DELETE", &item.delete),
                ("PATCH", &item.patch),
                ("OPTIONS", &item.options),
            ];
            known.entry(path).or_default().extend(methods.iter().filter(|(_, operation)| operation.is_some()).map(|(name, _)| *name));
        }
        known.into_iter().collect()
    }

    fn allowed(&self, path: &str) -> Vec<&'static str> {
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
    if allowed.is_empty() || allowed.contains(&req.method().as_str()) {
        return HttpResponse::NotFound().finish();
    }
    HttpResponse::MethodNotAllowed().insert_header((header::ALLOW, allowed.join(", "))).finish()
}
