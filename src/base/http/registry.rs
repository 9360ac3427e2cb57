//! Where rooms put their operations: one list, read by the server's workers, by the contract, and by who says which methods a path has.

use actix_web::dev::HttpServiceFactory;
use actix_web::guard::fn_guard;
use actix_web::web;
use utoipa::openapi::OpenApi;
use utoipa_actix_web::OpenApiFactory;

use super::routes::{Routes, may_be_taken};

/// Takes operations, to answer them, to describe them or to know of them. Only the contract keeps their documentation.
pub struct Registry<'a>(To<'a>);

enum To<'a> {
    Server(&'a mut web::ServiceConfig),
    Contract { api: &'a mut OpenApi, prefix: &'static str },
    Routes { known: &'a mut Routes, prefix: &'static str },
}

impl<'a> Registry<'a> {
    /// Of a worker.
    pub fn server(config: &'a mut web::ServiceConfig) -> Self {
        Self(To::Server(config))
    }

    /// Of the contract.
    pub fn contract(api: &'a mut OpenApi) -> Self {
        Self(To::Contract { api, prefix: "" })
    }

    /// Of who says which methods a path has.
    pub fn known(known: &'a mut Routes) -> Self {
        Self(To::Routes { known, prefix: "" })
    }

    /// Takes an operation.
    pub fn service(&mut self, operation: impl HttpServiceFactory + OpenApiFactory + 'static) -> &mut Self {
        match &mut self.0 {
            To::Server(config) => drop(config.service(operation)),
            To::Contract { api, prefix } => {
                let mut paths = operation.paths();
                paths.paths = paths.paths.into_iter().map(|(path, item)| (format!("{prefix}{path}"), item)).collect();
                api.paths.merge(paths);
                let mut schemas = Vec::new();
                operation.schemas(&mut schemas);
                api.components.get_or_insert_default().schemas.extend(schemas);
            }
            To::Routes { known, prefix } => known.add(prefix, &operation.paths()),
        }
        self
    }

    /// Takes all operations of `routes` under a path.
    pub fn under(&mut self, path: &'static str, routes: fn(&mut Registry<'_>)) -> &mut Self {
        match &mut self.0 {
            To::Server(config) => {
                let scope = web::scope(path).guard(fn_guard(may_be_taken));
                config.service(scope.configure(|config| routes(&mut Registry::server(config))));
            }
            To::Contract { api, .. } => routes(&mut Registry(To::Contract { api, prefix: path })),
            To::Routes { known, .. } => routes(&mut Registry(To::Routes { known, prefix: path })),
        }
        self
    }
}
