//! Families as sets of people who are tied to each other.

use std::collections::HashMap;

use crate::base::ids::{CaseId, PersonId};

/// To which family each of some people belongs; who is tied to nobody is a family alone.
#[derive(Clone, Debug, Default)]
pub struct Families {
    /// Of each person another one of the family with a lesser id, or themselves.
    towards: HashMap<PersonId, PersonId>,
}

impl Families {
    /// The families that shared cases and custody make.
    pub fn of(members: &[(CaseId, PersonId)], custody: &[(PersonId, PersonId)]) -> Self {
        let mut families = Self::default();
        let mut first: HashMap<CaseId, PersonId> = HashMap::new();
        for (case, person) in members {
            families.tie(*first.entry(*case).or_insert(*person), *person);
        }
        custody.iter().for_each(|(child, holder)| families.tie(*child, *holder));
        families
    }

    fn tie(&mut self, one: PersonId, other: PersonId) {
        let (one, other) = (self.find(one), self.find(other));
        self.towards.insert(one.max(other), one.min(other));
    }

    /// The family of a person, named after the one with the least id; shortens the way there.
    fn find(&mut self, person: PersonId) -> PersonId {
        let name = self.name(person);
        self.towards.insert(person, name);
        name
    }

    /// The family of a person, named after the one of its people with the least id.
    pub fn name(&self, mut person: PersonId) -> PersonId {
        while let Some(next) = self.towards.get(&person).filter(|next| **next != person) {
            person = *next;
        }
        person
    }

    /// Everybody of a person's family whose ties are known, they themselves among them.
    pub fn people(&self, person: PersonId) -> Vec<PersonId> {
        let name = self.name(person);
        let mut people: Vec<PersonId> = self.towards.keys().copied().filter(|other| self.name(*other) == name).collect();
        if people.is_empty() {
            people.push(person);
        }
        people
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    #[test]
    fn families_are_tied_by_cases_and_by_custody() {
        let person = |of: u128| PersonId::from_uuid(Uuid::from_u128(of));
        let case = |of: u128| CaseId::from_uuid(Uuid::from_u128(of));
        // A father (9) with a child in his case (3) and one in another (1), who stands there with a cousin (5); and a stranger (7).
        let members = [(case(1), person(9)), (case(1), person(3)), (case(2), person(5)), (case(2), person(1))];
        let families = Families::of(&members, &[(person(1), person(9)), (person(8), person(2))]);
        for of in [1, 3, 5, 9] {
            assert_eq!(families.name(person(of)), person(1));
        }
        assert_eq!((families.name(person(8)), families.name(person(7))), (person(2), person(7)));
        let mut people = families.people(person(3));
        people.sort();
        assert_eq!((people, families.people(person(7))), (vec![person(1), person(3), person(5), person(9)], vec![person(7)]));
    }
}
