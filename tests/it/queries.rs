//! Every shape of query that the stores use, once, on both engines: what compiles here and gives these rows may be used anywhere.

use chrono::NaiveDate;
use diesel::connection::SimpleConnection;
use diesel::dsl::{count_star, exists, max, not, sum};
use diesel::prelude::*;
use makker::base::clock::Instant;
use makker::base::db::{Db, is_unique, read_transaction, savepoint, write_transaction};
use makker::base::error::{Error, Result, Violation};
use makker::base::ids::{IdSource, PersonId, SessionId, noun};

use crate::support::TestDatabase;

diesel::table! {
    use diesel::sql_types::*;
    use makker::base::db::types::{Moment, Uuid};
    proof_people (id) {
        id -> Uuid,
        born_on -> Nullable<Date>,
        colour -> Text,
        sealed -> Binary,
        active -> Bool,
        count_min -> Integer,
        version -> BigInt,
        met_at -> Nullable<Moment>,
        friend_id -> Nullable<Uuid>,
    }
}
diesel::table! {
    use diesel::sql_types::*;
    use makker::base::db::types::{Moment, Uuid};
    proof_meetings (id) {
        id -> Uuid,
        person_id -> Uuid,
        starts_at -> Moment,
        kind -> Nullable<Text>,
    }
}
diesel::joinable!(proof_meetings -> proof_people (person_id));
diesel::allow_tables_to_appear_in_same_query!(proof_people, proof_meetings);
diesel::alias!(proof_people as friends: Friends);

makker::coded! {
    /// A colour.
    pub enum Colour {
        /// Red.
        Red = "red" : "Rød" / "Red",
        /// Blue.
        Blue = "blue" : "Blå" / "Blue",
    }
}

#[derive(Clone, Debug, PartialEq, Queryable, Selectable, Insertable)]
#[diesel(table_name = proof_people)]
struct Person {
    id: PersonId,
    born_on: Option<NaiveDate>,
    colour: Colour,
    sealed: Vec<u8>,
    active: bool,
    count_min: i32,
    version: i64,
    met_at: Option<Instant>,
    friend_id: Option<PersonId>,
}

#[derive(Clone, Debug, PartialEq, Queryable, Selectable, Insertable)]
#[diesel(table_name = proof_meetings)]
struct Meeting {
    id: SessionId,
    person_id: PersonId,
    starts_at: Instant,
    kind: Option<Colour>,
}

#[derive(AsChangeset)]
#[diesel(table_name = proof_people)]
struct Change {
    colour: Option<Colour>,
    met_at: Option<Option<Instant>>,
    active: Option<bool>,
}

const TABLES: &str = "
    CREATE TABLE proof_people (id {uuid} PRIMARY KEY, born_on {date}, colour {text_c} NOT NULL, sealed {blob} NOT NULL, active {bool} NOT NULL,
        count_min {int} NOT NULL CONSTRAINT count_is_positive CHECK (count_min >= 0), version {bigint} NOT NULL, met_at {time},
        friend_id {uuid} REFERENCES proof_people, UNIQUE (colour, count_min)) {strict};
    CREATE TABLE proof_meetings (id {uuid} PRIMARY KEY, person_id {uuid} NOT NULL REFERENCES proof_people, starts_at {time} NOT NULL,
        kind {text}) {strict};
    CREATE UNIQUE INDEX proof_once ON proof_meetings (coalesce(kind, '-'), starts_at);";

struct Rows {
    db: Db,
    karla: Person,
    omar: Person,
    meeting: Meeting,
}

fn at(minutes: i64) -> Instant {
    Instant::parse("2017-03-23T18:39:23.123456Z").unwrap().plus(chrono::TimeDelta::minutes(minutes))
}

/// Karla (red, friend Omar, met) and Omar (blue, no friend, never met); one meeting of Karla's.
fn rows(database: &TestDatabase) -> Rows {
    let mut db = database.connect();
    let sql = makker::base::db::fill_in(db.engine(), TABLES).unwrap();
    db.batch_execute(&sql).unwrap();
    let ids = IdSource::seeded(1);
    let omar = Person {
        id: ids.next(),
        born_on: None,
        colour: Colour::Blue,
        sealed: vec![],
        active: false,
        count_min: 5,
        version: i64::MAX,
        met_at: None,
        friend_id: None,
    };
    let karla = Person {
        id: ids.next(),
        born_on: NaiveDate::from_ymd_opt(2003, 2, 28),
        colour: Colour::Red,
        sealed: vec![0, 255, 7],
        active: true,
        count_min: i32::MAX,
        version: 1,
        met_at: Some(at(0)),
        friend_id: Some(omar.id),
    };
    let meeting = Meeting { id: ids.next(), person_id: karla.id, starts_at: at(60), kind: None };
    diesel::insert_into(proof_people::table).values(&omar).execute(&mut db).unwrap();
    diesel::insert_into(proof_people::table).values(karla.clone()).execute(&mut db).unwrap();
    diesel::insert_into(proof_meetings::table).values(&meeting).execute(&mut db).unwrap();
    Rows { db, karla, omar, meeting }
}

both_engines! {
    fn rows_come_back_as_they_went(database: TestDatabase) {
        use proof_people as p;
        let Rows { mut db, karla, omar, .. } = rows(&database);
        let db = &mut db;
        let all: Vec<Person> = p::table.order(p::colour.desc()).select(Person::as_select()).load(db).unwrap();
        assert_eq!(all, [karla.clone(), omar.clone()]);
        let one = |db: &mut Db, id: PersonId| p::table.find(id).select(Person::as_select()).first(db).optional().unwrap();
        assert_eq!(one(db, karla.id), Some(karla.clone()));
        assert_eq!(one(db, IdSource::seeded(9).next()), None);
        let tuple: (PersonId, Option<Instant>, Colour) = p::table.filter(p::id.eq(karla.id)).select((p::id, p::met_at, p::colour)).first(db).unwrap();
        assert_eq!(tuple, (karla.id, karla.met_at, Colour::Red));
    }

    fn filters_take_our_types_by_value_reference_and_option(database: TestDatabase) {
        use proof_people as p;
        let Rows { mut db, karla, omar, .. } = rows(&database);
        let db = &mut db;
        let ids = |db: &mut Db, query: p::BoxedQuery<'_, makker::base::db::MultiBackend>| query.select(p::id).order(p::id).load::<PersonId>(db).unwrap();
        let (k, o) = (vec![karla.id], vec![omar.id]);
        let day = NaiveDate::from_ymd_opt(2010, 1, 1).unwrap();
        assert_eq!(ids(db, p::table.filter(p::id.eq(karla.id)).into_boxed()), k);
        assert_eq!(ids(db, p::table.filter(p::id.eq(&karla.id)).into_boxed()), k);
        assert_eq!(ids(db, p::table.filter(p::id.ne(karla.id)).into_boxed()), o);
        assert_eq!(ids(db, p::table.filter(p::friend_id.eq(omar.id)).into_boxed()), k);
        assert_eq!(ids(db, p::table.filter(p::friend_id.eq(Some(omar.id))).into_boxed()), k);
        assert_eq!(ids(db, p::table.filter(p::friend_id.is_null()).into_boxed()), o);
        assert_eq!(ids(db, p::table.filter(p::id.eq_any(vec![karla.id])).into_boxed()), k);
        assert_eq!(ids(db, p::table.filter(p::id.eq_any([omar.id])).into_boxed()), o);
        assert_eq!(ids(db, p::table.filter(p::id.eq_any(Vec::<PersonId>::new())).into_boxed()), []);
        assert_eq!(ids(db, p::table.filter(p::id.ne_all(vec![karla.id])).into_boxed()), o);
        assert_eq!(ids(db, p::table.filter(p::colour.eq_any(vec![Colour::Red, Colour::Red])).into_boxed()), k);
        assert_eq!(ids(db, p::table.filter(p::colour.eq(Colour::Red)).into_boxed()), k);
        assert_eq!(ids(db, p::table.filter(p::met_at.lt(at(1))).into_boxed()), k);
        assert_eq!(ids(db, p::table.filter(p::met_at.eq(Some(at(0)))).into_boxed()), k);
        assert_eq!(ids(db, p::table.filter(p::met_at.is_null().or(p::met_at.gt(at(0)))).into_boxed()), o);
        assert_eq!(ids(db, p::table.filter(p::met_at.between(at(-1), at(1))).into_boxed()), k);
        assert_eq!(ids(db, p::table.filter(p::born_on.le(day)).into_boxed()), k);
        assert_eq!(ids(db, p::table.filter(p::active).filter(not(p::count_min.lt(6))).into_boxed()), k);
        assert_eq!(ids(db, p::table.filter(p::sealed.eq(vec![0_u8, 255, 7])).into_boxed()), k);
        assert_eq!(ids(db, p::table.filter(p::colour.like("r%")).into_boxed()), k);
        let mut boxed = p::table.into_boxed();
        boxed = boxed.filter(p::active.eq(true));
        boxed = boxed.or_filter(p::colour.eq(Colour::Blue)).limit(1).offset(0);
        assert_eq!(boxed.order((p::met_at.is_null(), p::met_at)).select(p::id).load::<PersonId>(db).unwrap(), k);
        // A cursor of a page: after this moment, or at it with a higher id.
        let page = p::table.filter(p::met_at.gt(at(-9)).or(p::met_at.eq(at(-9)).and(p::id.gt(omar.id)))).into_boxed();
        assert_eq!(ids(db, page), k);
    }

    fn joins_groups_and_sub_selects(database: TestDatabase) {
        use {proof_meetings as m, proof_people as p};
        let Rows { mut db, karla, omar, meeting } = rows(&database);
        let db = &mut db;
        let joined: Vec<(Person, Option<Meeting>)> = p::table
            .left_join(m::table)
            .select((Person::as_select(), Option::<Meeting>::as_select()))
            .order(p::colour)
            .load(db)
            .unwrap();
        assert_eq!(joined, [(omar.clone(), None), (karla.clone(), Some(meeting.clone()))]);
        let inner: Vec<(SessionId, PersonId)> =
            m::table.inner_join(p::table).filter(p::active).select((m::id, p::id)).load(db).unwrap();
        assert_eq!(inner, [(meeting.id, karla.id)]);
        let on = m::table.inner_join(p::table.on(m::person_id.eq(p::id).and(p::active))).select(m::id).load::<SessionId>(db).unwrap();
        assert_eq!(on, [meeting.id]);
        let friend: PersonId = p::table
            .inner_join(friends.on(p::friend_id.eq(friends.field(p::id).nullable())))
            .select(friends.field(p::id))
            .first(db)
            .unwrap();
        assert_eq!(friend, omar.id);
        let groups: Vec<(Colour, i64, Option<Instant>)> = p::table
            .group_by(p::colour)
            .select((p::colour, count_star(), max(p::met_at)))
            .having(count_star().ge(1))
            .order(p::colour)
            .load(db)
            .unwrap();
        assert_eq!(groups, [(Colour::Blue, 1, None), (Colour::Red, 1, Some(at(0)))]);
        assert_eq!(p::table.count().get_result::<i64>(db).unwrap(), 2);
        assert_eq!(p::table.select(sum(p::count_min)).first::<Option<i64>>(db).unwrap(), Some(i64::from(i32::MAX) + 5));
        let met = p::table.filter(exists(m::table.filter(m::person_id.eq(p::id)))).select(p::id).load::<PersonId>(db).unwrap();
        assert_eq!(met, [karla.id]);
        assert!(diesel::select(exists(p::table.filter(p::id.eq(karla.id)))).get_result::<bool>(db).unwrap());
        let within = p::table.filter(p::id.eq_any(m::table.select(m::person_id))).select(p::id).load::<PersonId>(db).unwrap();
        assert_eq!(within, [karla.id]);
        let without = p::table.filter(p::id.ne_all(m::table.select(m::person_id))).select(p::id).load::<PersonId>(db).unwrap();
        assert_eq!(without, [omar.id]);
        let distinct = m::table.select(m::person_id).distinct().load::<PersonId>(db).unwrap();
        assert_eq!(distinct, [karla.id]);
        let last = m::table.filter(m::person_id.eq(karla.id)).select(max(m::starts_at)).first::<Option<Instant>>(db).unwrap();
        assert_eq!(last, Some(at(60)));
    }

    fn one_row_is_written_and_returned(database: TestDatabase) {
        use {proof_meetings as m, proof_people as p};
        let Rows { mut db, karla, omar, meeting } = rows(&database);
        let db = &mut db;
        let ids = IdSource::seeded(2);
        let values = (m::id.eq(ids.next::<noun::Session>()), m::person_id.eq(omar.id), m::starts_at.eq(at(5)), m::kind.eq(Some(Colour::Red)));
        let (person, kind) = diesel::insert_into(m::table).values(values).returning((m::person_id, m::kind)).get_result::<(PersonId, Option<Colour>)>(db).unwrap();
        assert_eq!((person, kind), (omar.id, Some(Colour::Red)));
        let guarded = |db: &mut Db, version: i64| {
            diesel::update(p::table.filter(p::id.eq(karla.id)).filter(p::version.eq(version)))
                .set((p::version.eq(p::version + 1), p::friend_id.eq(None::<PersonId>), p::met_at.eq(at(7))))
                .returning(p::version)
                .get_result::<i64>(db)
                .optional()
                .unwrap()
        };
        assert_eq!(guarded(db, 1), Some(2));
        assert_eq!(guarded(db, 1), None);
        let change = Change { colour: None, met_at: Some(None), active: Some(false) };
        assert_eq!(diesel::update(p::table.find(karla.id)).set(&change).execute(db).unwrap(), 1);
        let after: (Colour, Option<Instant>, bool) = p::table.find(karla.id).select((p::colour, p::met_at, p::active)).first(db).unwrap();
        assert_eq!(after, (Colour::Red, None, false));
        assert_eq!(diesel::delete(m::table.find(meeting.id)).execute(db).unwrap(), 1);
        assert_eq!(diesel::delete(m::table.filter(m::starts_at.lt(at(0)))).returning(m::id).get_results::<SessionId>(db).unwrap(), []);
    }

    fn what_the_common_connection_lacks_goes_through_each(database: TestDatabase) {
        use proof_meetings as m;
        let Rows { mut db, karla, meeting, .. } = rows(&database);
        let db = &mut db;
        let ids = IdSource::seeded(3);
        let many: Vec<Meeting> = (0..3).map(|n| Meeting { id: ids.next(), person_id: karla.id, starts_at: at(100 + n), kind: None }).collect();
        assert_eq!(makker::each!(db, c => diesel::insert_into(m::table).values(&many).execute(c)).unwrap(), 3);
        let upsert = |db: &mut Db| {
            makker::each!(db, c => diesel::insert_into(m::table)
                .values(&meeting)
                .on_conflict(m::id)
                .do_update()
                .set(m::starts_at.eq(at(61)))
                .returning(m::starts_at)
                .get_result::<Instant>(c))
        };
        assert_eq!(upsert(db).unwrap(), at(61));
        let nothing = makker::each!(db, c => diesel::insert_into(m::table).values(&meeting).on_conflict_do_nothing().execute(c));
        assert_eq!(nothing.unwrap(), 0);
    }

    fn violations_have_one_name(database: TestDatabase) {
        use {proof_meetings as m, proof_people as p};
        let Rows { mut db, karla, omar, meeting } = rows(&database);
        let db = &mut db;
        let ids = IdSource::seeded(4);
        let refused = |db: &mut Db, person: &Person| -> Error {
            diesel::insert_into(p::table).values(person).execute(db).map_err(Error::from).unwrap_err()
        };
        assert!(is_unique(&refused(db, &Person { count_min: 1, ..karla.clone() }), "proof_people.id"));
        assert!(is_unique(&refused(db, &Person { id: ids.next(), ..karla.clone() }), "proof_people.colour,count_min"));
        let check = refused(db, &Person { id: ids.next(), count_min: -1, ..karla.clone() });
        assert!(matches!(&check, Error::Violation(Violation::Check(name)) if name == "count_is_positive"), "{check}");
        let foreign = refused(db, &Person { id: ids.next(), count_min: 1, friend_id: Some(ids.next()), ..karla.clone() });
        assert!(matches!(foreign, Error::Violation(Violation::Foreign(_))), "{foreign}");
        let again = diesel::insert_into(m::table).values(&Meeting { id: ids.next(), ..meeting }).execute(db).map_err(Error::from).unwrap_err();
        assert!(is_unique(&again, "proof_once"), "{again}");
        let null = diesel::update(p::table.find(omar.id)).set(p::colour.eq(diesel::dsl::sql::<diesel::sql_types::Text>("NULL"))).execute(db);
        let null = Error::from(null.unwrap_err());
        assert!(matches!(&null, Error::Violation(Violation::Check(name)) if name == "not_null proof_people.colour"), "{null}");
        diesel::update(p::table.find(omar.id)).set(p::colour.eq(diesel::dsl::sql::<diesel::sql_types::Text>("'green'"))).execute(db).unwrap();
        let unknown = Error::from(p::table.find(omar.id).select(p::colour).first::<Colour>(db).unwrap_err()).to_string();
        assert!(unknown.contains("unknown code of Colour") && !unknown.contains("green"), "{unknown}");
    }

    fn a_commit_never_hides_that_the_transaction_had_failed(database: TestDatabase) {
        use proof_people as p;
        let Rows { mut db, karla, omar, .. } = rows(&database);
        let db = &mut db;
        // Against one key only: of several, each engine names the one it meets first.
        let again = Person { count_min: 1, ..karla };
        let swallowed: Result<()> = write_transaction(db, |db| {
            diesel::delete(proof_meetings::table).execute(db)?;
            let _ = diesel::insert_into(p::table).values(&again).execute(db);
            Ok(())
        });
        let left: i64 = proof_meetings::table.count().get_result(db).unwrap();
        // SQLite undoes the statement alone, PostgreSQL the whole; either way the answer tells the truth.
        assert_eq!(swallowed.is_ok(), left == 0);
        let nested = write_transaction(db, |db| {
            let outer = savepoint(db, |db| {
                diesel::update(p::table.find(omar.id)).set(p::version.eq(3)).execute(db)?;
                let inner = savepoint(db, |db| Ok(diesel::insert_into(p::table).values(&again).execute(db)?));
                assert!(is_unique(&inner.unwrap_err(), "proof_people.id"));
                Ok(())
            });
            outer?;
            Ok(p::table.find(omar.id).select(p::version).first::<i64>(db)?)
        });
        assert_eq!(nested.unwrap(), 3);
        let read = read_transaction(db, |db| Ok(p::table.count().get_result::<i64>(db)?));
        assert_eq!(read.unwrap(), 2);
    }
}
