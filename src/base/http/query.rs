//! Query parameters and ids in paths.

use std::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest, web};
use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::read::{Read, invalid};
use crate::base::error::{Code, Problem, Result};
use crate::base::value::Flaw;

/// The documented filters of a list. Extraction never fails: [`Query::get`] says what was wrong, behind the door.
///
/// Members are plain values or options of them; a parameter is given at most once.
pub struct Query<T>(Result<T, Problem>);

impl<T> Query<T> {
    /// The parsed parameters, or 422 with each unknown or wrong one as `query/name`.
    pub fn get(&self) -> Result<&T> {
        self.0.as_ref().map_err(|problem| problem.clone().into())
    }
}

impl<T: DeserializeOwned> FromRequest for Query<T> {
    type Error = actix_web::Error;
    type Future = Ready<std::result::Result<Self, Self::Error>>;

    fn from_request(req: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Ok(Self(parse(req.query_string()))))
    }
}

/// No operation has as many parameters: each is held against all others, before anybody is known.
const PARAMETERS_MOST: usize = 64;

fn parse<T: DeserializeOwned>(query: &str) -> Result<T, Problem> {
    let malformed = || Problem::new(Code::MalformedRequest);
    let pairs = pairs(query).ok_or_else(malformed)?;
    if pairs.len() > PARAMETERS_MOST {
        return Err(invalid([Flaw::TooMany.at("query")]));
    }
    for (index, (name, value)) in pairs.iter().enumerate() {
        let flaw = if name.contains('\0') || value.contains('\0') || value.contains('\u{FFFD}') {
            Some(Flaw::ControlCharacter)
        } else if pairs.iter().skip(index + 1).any(|(other, _)| other == name) {
            Some(Flaw::DuplicateMember)
        } else {
            None
        };
        if let Some(flaw) = flaw {
            return Err(invalid([flaw.at(format!("query/{}", name.chars().take(64).collect::<String>()))]));
        }
    }
    let read = web::Query::<Read<T>>::from_query(query).map_err(|_| malformed())?;
    read.into_inner().judged("query/")
}

/// Each parameter of a query where there is nothing to ask, as unknown.
pub(super) fn refuse(query: &str) -> Problem {
    #[derive(Deserialize)]
    struct Nothing {}
    parse::<Nothing>(query).err().unwrap_or_else(|| Problem::new(Code::MalformedRequest))
}

/// The pairs of a query string, decoded.
pub(super) fn pairs(query: &str) -> Option<Vec<(String, String)>> {
    web::Query::<Vec<(String, String)>>::from_query(query).ok().map(web::Query::into_inner)
}

/// Ids in the path, one or a tuple. A malformed id is no id: not found, like every other thing that does not exist.
pub struct Path<T>(Option<T>);

impl<T: Copy> Path<T> {
    /// The id or ids, or 404.
    pub fn get(&self) -> Result<T> {
        self.0.ok_or_else(|| Code::NotFound.into())
    }
}

impl<T: DeserializeOwned> FromRequest for Path<T> {
    type Error = actix_web::Error;
    type Future = Ready<std::result::Result<Self, Self::Error>>;

    fn from_request(req: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let read = web::Path::<T>::from_request(req, payload).into_inner();
        ready(Ok(Self(read.ok().map(web::Path::into_inner))))
    }
}
