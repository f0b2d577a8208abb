//! The file behind the store. Each write is one transaction.

use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::{Connection, ErrorCode, OptionalExtension, params};
use serde_json::Value;

use super::Posted;
use super::documents::{Document, Documents, Kind};
use crate::job::Job;

/// Of the tables below; told by the file itself.
const SCHEMA: i64 = 2;

/// For how long an event that could not be delivered is tried again at each start; as long as
/// EventBridge tries: <https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rule-retry-policy.html>.
const EVENT_LIFE: Duration = Duration::from_hours(24);

const TABLES: &str = "
    CREATE TABLE jobs (place INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, job TEXT NOT NULL) STRICT;
    CREATE TABLE outbox (row INTEGER PRIMARY KEY AUTOINCREMENT, event TEXT NOT NULL) STRICT;
";

/// What schema 2 has more than schema 1.
const DOCUMENTS: &str = "
    CREATE TABLE documents (kind TEXT NOT NULL, name TEXT NOT NULL, document TEXT NOT NULL,
                            PRIMARY KEY (kind, name)) STRICT, WITHOUT ROWID;
";

/// Why the state can't be used.
#[derive(Debug, thiserror::Error)]
pub enum StateError {
    /// By another version of this server.
    #[error(
        "the state in '{file}' has schema {found}, and this server knows schema {SCHEMA}: use the \
         version that wrote it, name another --work-dir, or remove the file and with it all jobs"
    )]
    Schema {
        /// Path of the file.
        file: PathBuf,
        /// What the file says.
        found: i64,
    },
    /// By another server.
    #[error("the state in '{0}' is in use by another server: stop it, or name another --work-dir")]
    InUse(PathBuf),
    /// The disk is full, or the file is broken.
    #[error("read or write the state")]
    Database(#[from] rusqlite::Error),
    /// A job or an event is not as it was written.
    #[error("read a record of the state")]
    Record(#[from] serde_json::Error),
}

/// An open file that nobody else uses.
pub(super) struct Database(Connection);

/// What a file holds.
pub(super) struct Kept {
    /// In the order in which they came.
    pub(super) jobs: Vec<Job>,
    /// Not delivered yet, in the order in which they were sent.
    pub(super) events: Vec<Posted>,
    pub(super) documents: Documents,
}

impl Database {
    /// Opens the file, and makes it if there is none.
    pub(super) fn open(file: &Path) -> Result<(Self, Kept), StateError> {
        let connection = Connection::open(file)?;
        let opened = prepare(&connection, file);
        if let Err(StateError::Database(error)) = &opened
            && error.sqlite_error_code() == Some(ErrorCode::DatabaseBusy)
        {
            return Err(StateError::InUse(file.to_owned()));
        }
        opened?;
        let database = Self(connection);
        let kept = Kept {
            jobs: database.jobs()?,
            events: database.events()?,
            documents: database.documents()?,
        };
        Ok((database, kept))
    }

    fn jobs(&self) -> Result<Vec<Job>, StateError> {
        let mut query = self.0.prepare("SELECT job FROM jobs ORDER BY place")?;
        let texts = query.query_map([], |row| row.get::<_, String>(0))?;
        texts
            .map(|text| Ok(serde_json::from_str(&text?)?))
            .collect()
    }

    fn events(&self) -> Result<Vec<Posted>, StateError> {
        let oldest = crate::clock::Moment::now()
            .milliseconds()
            .saturating_sub(u64::try_from(EVENT_LIFE.as_millis()).unwrap_or(u64::MAX));
        self.0.execute(
            "DELETE FROM outbox WHERE event ->> '$.detail.timestamp' < ?1",
            params![i64::try_from(oldest).unwrap_or(i64::MAX)],
        )?;
        let mut query = self
            .0
            .prepare("SELECT row, event FROM outbox ORDER BY row")?;
        let rows = query.query_map([], |row| Ok((row.get(0)?, row.get::<_, String>(1)?)))?;
        rows.map(|found| {
            let (row, event) = found?;
            Ok(Posted {
                row: Some(row),
                event: serde_json::from_str(&event)?,
            })
        })
        .collect()
    }

    fn documents(&self) -> Result<Documents, StateError> {
        let mut query = self.0.prepare("SELECT kind, document FROM documents")?;
        let rows = query.query_map([], |row| {
            Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?))
        })?;
        let mut documents = Documents::new();
        for found in rows {
            let (name, text) = found?;
            let document: Document = serde_json::from_str(&text)?;
            // Of a kind that this version doesn't know.
            let Some(kind) = Kind::ALL.into_iter().find(|kind| kind.name() == name) else {
                continue;
            };
            documents.insert((kind, document.name.clone()), document);
        }
        Ok(documents)
    }

    /// Keeps a document, or forgets it when there is none.
    pub(super) fn keep(
        &self,
        kind: Kind,
        name: &str,
        document: Option<&Document>,
    ) -> Result<(), StateError> {
        match document {
            Some(document) => self
                .0
                .prepare("INSERT OR REPLACE INTO documents VALUES (?1, ?2, ?3)")?
                .execute(params![kind.name(), name, serde_json::to_string(document)?])?,
            None => self
                .0
                .prepare("DELETE FROM documents WHERE kind = ?1 AND name = ?2")?
                .execute(params![kind.name(), name])?,
        };
        Ok(())
    }

    /// Keeps a job and what is to be told of it; gives the rows of the events.
    pub(super) fn save(
        &mut self,
        job: Option<&Job>,
        events: &[Value],
    ) -> Result<Vec<i64>, StateError> {
        let transaction = self.0.transaction()?;
        if let Some(job) = job {
            transaction
                .prepare(
                    "INSERT INTO jobs (id, job) VALUES (?1, ?2)
                     ON CONFLICT (id) DO UPDATE SET job = excluded.job",
                )?
                .execute(params![job.id, serde_json::to_string(job)?])?;
        }
        let mut rows = Vec::new();
        for event in events {
            transaction
                .prepare("INSERT INTO outbox (event) VALUES (?1)")?
                .execute(params![event.to_string()])?;
            rows.push(transaction.last_insert_rowid());
        }
        transaction.commit()?;
        Ok(rows)
    }

    /// Forgets an event.
    pub(super) fn remove(&self, row: i64) -> Result<(), StateError> {
        self.0
            .prepare("DELETE FROM outbox WHERE row = ?1")?
            .execute(params![row])?;
        Ok(())
    }
}

fn prepare(connection: &Connection, file: &Path) -> Result<(), StateError> {
    connection.busy_timeout(Duration::from_millis(500))?;
    // A write-ahead log outlives a killed process; only a failing machine can take the last writes.
    connection.pragma_update(None, "locking_mode", "EXCLUSIVE")?;
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.pragma_update(None, "synchronous", "NORMAL")?;
    let found: i64 = connection.pragma_query_value(None, "user_version", |row| row.get(0))?;
    let table: Option<String> = connection
        .query_row("SELECT name FROM sqlite_schema LIMIT 1", [], |row| {
            row.get(0)
        })
        .optional()?;
    match (found, table) {
        (SCHEMA, _) => Ok(()),
        (0, None) => {
            let tables = format!("{TABLES} {DOCUMENTS}");
            migrate(connection, &tables)
        }
        (1, _) => migrate(connection, DOCUMENTS),
        (found, _) => Err(StateError::Schema {
            file: file.to_owned(),
            found,
        }),
    }
}

fn migrate(connection: &Connection, tables: &str) -> Result<(), StateError> {
    let all = format!("BEGIN; {tables} PRAGMA user_version = {SCHEMA}; COMMIT;");
    Ok(connection.execute_batch(&all)?)
}
