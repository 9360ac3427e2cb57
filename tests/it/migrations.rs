//! The schema goes up, down and up again on both engines, and is the same on both.

use std::collections::BTreeSet;

use diesel::connection::SimpleConnection;
use diesel::{QueryableByName, RunQueryDsl, sql_types::Text};
use makker::app::vocabularies::vocabularies;
use makker::base::clock::Instant;
use makker::base::db::{Db, Engine, fill_in, migrations};

use crate::support::{OnEngine, TestDatabase, has_postgres};

const NOW: Instant = Instant::from_micros(1_490_000_000_000_000);

/// Every table, column, foreign key and index, one a line, in words that do not depend on the engine.
fn drawing(db: &mut Db) -> Vec<String> {
    #[derive(QueryableByName)]
    struct Line {
        #[diesel(sql_type = Text)]
        line: String,
    }
    let query = match db.engine() {
        Engine::Sqlite => {
            "WITH t AS (SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' AND name <> 'schema_migrations')
             SELECT t.name || '.' || c.name || CASE WHEN c.\"notnull\" = 1 OR c.pk > 0 THEN ' NOT NULL' ELSE '' END AS line
                 FROM t, pragma_table_info(t.name) c
             UNION ALL SELECT t.name || '.' || f.\"from\" || ' REFERENCES ' || f.\"table\" FROM t, pragma_foreign_key_list(t.name) f
             UNION ALL SELECT 'INDEX ' || i.name || ' ON ' || t.name || CASE WHEN i.\"unique\" = 1 THEN ' UNIQUE' ELSE '' END
                 FROM t, pragma_index_list(t.name) i WHERE i.origin = 'c'
             UNION ALL SELECT 'KEY ON ' || t.name || ' (' ||
                 (SELECT group_concat(k.name, ',') FROM (SELECT name FROM pragma_index_info(i.name) ORDER BY seqno) k) || ')'
                 FROM t, pragma_index_list(t.name) i WHERE i.origin = 'u'"
        }
        Engine::Postgres => {
            "SELECT table_name || '.' || column_name || CASE is_nullable WHEN 'NO' THEN ' NOT NULL' ELSE '' END AS line
                 FROM information_schema.columns WHERE table_schema = 'public' AND table_name <> 'schema_migrations'
                 AND table_name IN (SELECT tablename FROM pg_tables)
             UNION ALL SELECT c.conrelid::regclass::text || '.' || a.attname || ' REFERENCES ' || c.confrelid::regclass::text
                 FROM pg_constraint c JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = ANY (c.conkey) WHERE c.contype = 'f'
             UNION ALL SELECT 'INDEX ' || i.indexrelid::regclass::text || ' ON ' || i.indrelid::regclass::text ||
                 CASE WHEN i.indisunique THEN ' UNIQUE' ELSE '' END
                 FROM pg_index i JOIN pg_class k ON k.oid = i.indexrelid JOIN pg_namespace n ON n.oid = k.relnamespace
                 WHERE n.nspname = 'public' AND NOT EXISTS (SELECT 1 FROM pg_constraint c WHERE c.conindid = i.indexrelid)
             UNION ALL SELECT 'KEY ON ' || c.conrelid::regclass::text || ' (' ||
                 (SELECT string_agg(a.attname, ',' ORDER BY k.n) FROM unnest(c.conkey) WITH ORDINALITY k (attnum, n)
                  JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = k.attnum) || ')'
                 FROM pg_constraint c WHERE c.contype = 'u' AND c.connamespace = 'public'::regnamespace"
        }
    };
    let query = diesel::sql_query(query);
    let lines: Vec<Line> = makker::each!(db, c => query.load(c)).unwrap();
    let mut lines: Vec<String> = lines.into_iter().map(|line| line.line).collect();
    lines.sort();
    lines
}

/// A connection to a database with every migration applied.
fn migrated(engine: Engine) -> (TestDatabase, Db) {
    let database = TestDatabase::on(engine);
    let mut db = database.connect();
    migrations::apply(&mut db, NOW).unwrap();
    (database, db)
}

both_engines! {
    fn up_down_and_up_again_is_up(database: TestDatabase) {
        let db = &mut database.connect();
        migrations::apply(db, NOW).unwrap();
        assert_eq!(migrations::pending(db).unwrap(), Vec::<&str>::new());
        let first = drawing(db);
        assert!(first.iter().any(|line| line == "journal_calls.at NOT NULL"), "the drawing shows the schema: {first:?}");
        while migrations::revert(db).unwrap().is_some() {}
        assert_eq!(drawing(db), Vec::<String>::new(), "a down.sql leaves something behind");
        migrations::apply(db, NOW).unwrap();
        assert_eq!(drawing(db), first, "a down.sql does not undo its up.sql");
    }

    fn several_processes_may_migrate_at_once(database: TestDatabase) {
        let db = &mut database.connect();
        while migrations::revert(db).unwrap().is_some() {}
        let applied: usize = std::thread::scope(|scope| {
            let threads: Vec<_> = (0..3).map(|_| scope.spawn(|| migrations::apply(&mut database.connect(), NOW).unwrap().len())).collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).sum()
        });
        assert_eq!(applied, migrations::names().len());
    }

    fn a_migration_that_fails_leaves_nothing(database: TestDatabase) {
        let db = &mut database.connect();
        while migrations::revert(db).unwrap().is_some() {}
        // The last one will stumble over this.
        db.batch_execute("CREATE TABLE cover_states (x bigint)").unwrap();
        let refusal = migrations::apply(db, NOW).unwrap_err().to_string();
        assert!(refusal.contains("0016_covers_create up") && refusal.contains("already exists"), "{refusal}");
        assert_eq!(migrations::pending(db).unwrap().first(), Some(&"0016_covers_create"));
        db.batch_execute("DROP TABLE cover_states").unwrap();
        assert_eq!(migrations::apply(db, NOW).unwrap().first(), Some(&"0016_covers_create"));
    }

    fn a_migration_that_fails_at_its_end_names_itself(database: TestDatabase) {
        let db = &mut database.connect();
        while migrations::revert(db).unwrap().is_some() {}
        // A ledger that takes in the first step, and of any other finds at the commit that it may not.
        let ledger = "DROP TABLE schema_migrations; CREATE TABLE known_steps (name {text_c} PRIMARY KEY NOT NULL);
            CREATE TABLE schema_migrations (name {text_c} PRIMARY KEY NOT NULL REFERENCES known_steps DEFERRABLE INITIALLY DEFERRED,
                checksum {text} NOT NULL, applied_at {time} NOT NULL);
            INSERT INTO known_steps (name) VALUES ('0001_journal_create')";
        let ledger = fill_in(db.engine(), ledger).unwrap();
        db.batch_execute(&ledger).unwrap();
        let refusal = migrations::apply(db, NOW).unwrap_err().to_string();
        assert!(refusal.contains("migration 0002_access_create up: constraint: Foreign"), "{refusal}");
        assert_eq!(migrations::pending(db).unwrap().first(), Some(&"0002_access_create"));
    }
}

#[test]
fn both_engines_have_the_same_schema() {
    if !has_postgres() {
        return;
    }
    let (_keep_sqlite, mut sqlite) = migrated(Engine::Sqlite);
    let (_keep_postgres, mut postgres) = migrated(Engine::Postgres);
    let (sqlite, postgres) = (drawing(&mut sqlite), drawing(&mut postgres));
    let only = |these: &[String], those: &[String]| these.iter().filter(|line| !those.contains(line)).cloned().collect::<Vec<_>>();
    assert_eq!(only(&sqlite, &postgres), Vec::<String>::new(), "only on SQLite");
    assert_eq!(only(&postgres, &sqlite), Vec::<String>::new(), "only on PostgreSQL");
}

/// The words of the contract and the rows of the database are one list: a code that only one of them knows is a refusal that nobody
/// foresaw, or a row that nobody can read.
#[test]
fn every_vocabulary_is_the_same_in_the_code_and_in_the_database() {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = Text)]
        code: String,
    }
    let lists = serde_json::to_value(vocabularies()).unwrap();
    let known = |name: &str| lists.as_array().unwrap().iter().find(|list| list["name"] == name).map(|list| list["words"].clone());
    let (_keep, mut db) = migrated(Engine::Sqlite);
    let (mut wrong, mut tables) = (Vec::new(), 0);
    for line in drawing(&mut db).iter().filter_map(|line| line.strip_suffix(".code NOT NULL")) {
        let rows: Vec<Row> = makker::each!(&mut db, c => diesel::sql_query(format!("SELECT code FROM {line}")).load(c)).unwrap();
        let rows: BTreeSet<String> = rows.into_iter().map(|row| row.code).collect();
        let words =
            known(line).map(|words| words.as_array().unwrap().iter().map(|word| word["code"].as_str().unwrap().to_owned()).collect());
        tables += 1;
        match words {
            Some(words) if rows == words => {}
            Some(words) => wrong.push(format!("{line}: {:?}", rows.symmetric_difference(&words).collect::<Vec<_>>())),
            None => wrong.push(format!("{line} is in no vocabulary of the contract")),
        }
    }
    assert!(tables > 40 && wrong.is_empty(), "{tables} tables: {wrong:#?}");
}

/// The codes that a migration's way down takes away, each with its vocabulary.
fn codes_taken_away(folder: &str) -> Vec<(String, String)> {
    let files = std::fs::read_dir(std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations").join(folder)).unwrap();
    let is_way_down = |path: &std::path::PathBuf| path.ends_with("down.sql") || path.ends_with("down.sqlite.sql");
    let files = files.map(|file| file.unwrap().path()).filter(is_way_down);
    let text: String = files.map(|path| std::fs::read_to_string(path).unwrap()).collect();
    let deletions = text.split(';').filter_map(|statement| statement.trim().strip_prefix("DELETE FROM ")?.split_once(" WHERE code "));
    let codes = |codes: &str| codes.split('\'').skip(1).step_by(2).map(str::to_owned).collect::<Vec<_>>();
    deletions.flat_map(|(vocabulary, list)| codes(list).into_iter().map(|code| (vocabulary.to_owned(), code))).collect()
}

/// Puts a row into each table that may use the code, with anything at all in what else it needs.
fn use_code(db: &mut Db, vocabulary: &str, code: &str) -> usize {
    #[derive(QueryableByName)]
    struct Insert {
        #[diesel(sql_type = Text)]
        sql: String,
    }
    let inserts = format!(
        "SELECT 'INSERT INTO ' || t.name || ' (' || group_concat(c.name, ', ') || ') VALUES (' || group_concat(CASE
             WHEN c.name = f.\"from\" THEN '''{code}''' WHEN c.type = 'BLOB' THEN 'randomblob(16)'
             WHEN c.type = 'INTEGER' AND c.pk > 0 THEN 'abs(random())' WHEN c.type = 'INTEGER' THEN '1' ELSE 'hex(randomblob(5))' END, ', ') || ')' AS sql
         FROM sqlite_master t, pragma_foreign_key_list(t.name) f, pragma_table_info(t.name) c
         WHERE t.type = 'table' AND f.\"table\" = '{vocabulary}' AND (c.\"notnull\" = 1 OR c.pk > 0 OR c.name = f.\"from\")
         GROUP BY t.name, f.\"from\""
    );
    let inserts: Vec<Insert> = makker::each!(&mut *db, c => diesel::sql_query(inserts).load(c)).unwrap();
    // What else the rows refer to is not there, and does not matter here.
    db.batch_execute("PRAGMA foreign_keys = OFF").unwrap();
    inserts.iter().for_each(|insert| db.batch_execute(&insert.sql).unwrap_or_else(|error| panic!("{}: {error}", insert.sql)));
    db.batch_execute("PRAGMA foreign_keys = ON").unwrap();
    inserts.len()
}

#[test]
fn a_code_goes_down_with_whatever_uses_it() {
    let (mut codes, mut uses) = (0, 0);
    for folder in migrations::names() {
        let taken = codes_taken_away(folder);
        if taken.is_empty() {
            continue;
        }
        let database = TestDatabase::on(Engine::Sqlite);
        let db = &mut database.connect();
        for later in migrations::names().into_iter().rev().take_while(|name| *name != folder) {
            assert_eq!(migrations::revert(db).unwrap(), Some(later));
        }
        uses += taken.iter().map(|(vocabulary, code)| use_code(db, vocabulary, code)).sum::<usize>();
        codes += taken.len();
        let reverted = migrations::revert(db).unwrap_or_else(|error| panic!("rows that use {taken:?} stand in the way: {error}"));
        assert_eq!(reverted, Some(folder));
    }
    assert!(codes > 20 && uses >= codes, "{codes} codes in {uses} columns");
}
