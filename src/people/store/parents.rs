//! Who is written down as a parent of whom. Cases belong to a room below this one, which therefore reads their rows.

use diesel::prelude::*;

use crate::access::Tx;
use crate::base::error::Result;
use crate::base::ids::{CaseId, PersonId};
use crate::people::model::{Kind, Parent};
use crate::schema::{case_people, custody, people};

/// Who is, or was, written down as a parent of somebody, for a rule: whoever ever held custody of them, and, in each case in which they stand, or
/// stood, as a child, whoever stands, or stood, there as a parent or is one by kind. Who was added by mistake never stood in it.
///
/// # Errors
/// The database's.
pub(in crate::people) fn list_parents(tx: &mut Tx<'_>, child: PersonId) -> Result<Vec<Parent>> {
    let stood = || case_people::left_reason.is_null().or(case_people::left_reason.ne("added_by_mistake"));
    let holders: Vec<PersonId> = custody::table.filter(custody::child_id.eq(child)).select(custody::holder_id).load(tx.db())?;
    // A young person who stands there as a relative may be their child; a grandmother is not.
    let young = people::table.filter(people::id.eq(child)).filter(people::kind.eq(Kind::YoungPerson)).select(people::id);
    let is_young = case_people::role.eq("relative").and(case_people::person_id.eq_any(young));
    let as_child = case_people::role.eq("young_person").or(case_people::role.eq("sibling")).or(is_young);
    let theirs = case_people::table.filter(case_people::person_id.eq(child)).filter(stood()).filter(as_child);
    let cases: Vec<CaseId> = theirs.select(case_people::case_id).load(tx.db())?;
    let mut parents: Vec<Parent> = holders.into_iter().map(|id| Parent { id, case: None }).collect();
    // One by one: they are few, and a list would be compiled for each number of them.
    for case in cases {
        let beside = case_people::table
            .inner_join(people::table.on(people::id.eq(case_people::person_id)))
            .filter(case_people::case_id.eq(case))
            .filter(case_people::person_id.ne(child))
            .filter(stood())
            .filter(case_people::role.eq("parent").or(people::kind.eq(Kind::Parent)));
        let ids: Vec<PersonId> = beside.select(case_people::person_id).load(tx.db())?;
        parents.extend(ids.into_iter().map(|id| Parent { id, case: Some(case) }));
    }
    Ok(parents)
}

/// Of whom somebody is, or was, written down as a parent, as in `list_parents`; of those, too, of whom that was by mistake, or who are no children:
/// what was judged by it is judged anew.
///
/// # Errors
/// The database's.
pub fn fact_children_of(tx: &mut Tx<'_>, parent: PersonId) -> Result<Vec<PersonId>> {
    let mut children: Vec<PersonId> = custody::table.filter(custody::holder_id.eq(parent)).select(custody::child_id).load(tx.db())?;
    let of_kind = people::table.filter(people::id.eq(parent)).filter(people::kind.eq(Kind::Parent)).select(people::id);
    let as_parent = case_people::role.eq("parent").or(case_people::person_id.eq_any(of_kind));
    let theirs = case_people::table.filter(case_people::person_id.eq(parent)).filter(as_parent);
    let cases: Vec<CaseId> = theirs.select(case_people::case_id).load(tx.db())?;
    let beside = case_people::table.filter(case_people::case_id.eq_any(cases)).filter(case_people::role.ne("parent"));
    children.extend(beside.filter(case_people::person_id.ne(parent)).select(case_people::person_id).load::<PersonId>(tx.db())?);
    Ok(children)
}
