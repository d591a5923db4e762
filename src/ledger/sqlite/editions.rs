//! What was frozen: the edition itself, and what it was made from.

use rusqlite::{Connection, OptionalExtension, Row, params};

use super::body::{self, Body};
use super::failure::corrupt;
use super::{Ledger, words};
use crate::ledger::LedgerError;
use crate::ledger::rows::{EditionId, EditionRow, Freeze, Hashes, Sources};
use crate::model::delivery::Realm;
use crate::model::issue::IssueId;
use crate::model::letter::{ContentHash, Edition};
use crate::model::subscriber::ListId;

impl Ledger {
    /// The newest edition of an issue in a realm.
    pub fn edition_of(&self, issue: &IssueId, realm: Realm) -> Result<Option<EditionRow>, LedgerError> {
        self.store.read(|connection| {
            let mut query = connection.prepare_cached(&format!(
                "SELECT {EDITION} FROM edition WHERE issue = ?1 AND realm = ?2 ORDER BY id DESC LIMIT 1"
            ))?;
            let mut rows = query.query(params![issue.0, realm.name()])?;
            rows.next()?.map(edition_row).transpose()
        })
    }

    /// All editions, newest first.
    pub fn editions(&self) -> Result<Vec<EditionRow>, LedgerError> {
        self.store.read(all)
    }

    /// The edition as it was frozen, attachments included.
    pub fn load_edition(&self, id: EditionId) -> Result<Edition, LedgerError> {
        self.store.read(|connection| {
            let text: Option<String> = connection
                .query_row("SELECT body FROM edition WHERE id = ?1", [id.0], |row| row.get(0))
                .optional()?;
            let text = text.ok_or_else(|| corrupt(format!("no edition has the number {}", id.0)))?;
            if text.is_empty() {
                return Err(LedgerError::Forgotten);
            }
            let body: Body = serde_json::from_str(&text).map_err(|_| corrupt("the text of an edition"))?;
            body.thaw(&|hash| asset(connection, hash))
        })
    }

    /// Another issue that was sent live and says the same.
    pub fn twin_of(&self, issue: &IssueId, body: &ContentHash) -> Result<Option<IssueId>, LedgerError> {
        self.store.read(|connection| {
            let found = connection.query_row(
                "SELECT issue FROM edition
                 WHERE body_hash = ?1 AND issue <> ?2 AND realm = 'live' ORDER BY id LIMIT 1",
                [&body.0, &issue.0],
                |row| row.get(0).map(IssueId),
            );
            Ok(found.optional()?)
        })
    }

    /// Remembers which transport carries an edition from now on.
    pub fn set_transport(&self, edition: EditionId, transport: &str) -> Result<(), LedgerError> {
        self.store.write(|connection| {
            connection
                .execute("UPDATE edition SET transport = ?2 WHERE id = ?1", params![edition.0, transport])?;
            Ok(())
        })
    }
}

/// All editions, newest first.
pub(super) fn all(connection: &Connection) -> Result<Vec<EditionRow>, LedgerError> {
    let mut query = connection.prepare_cached(&format!("SELECT {EDITION} FROM edition ORDER BY id DESC"))?;
    let mut rows = query.query([])?;
    let mut editions = Vec::new();
    while let Some(row) = rows.next()? {
        editions.push(edition_row(row)?);
    }
    Ok(editions)
}

/// The number that the next edition gets.
pub(super) fn next_id(connection: &Connection) -> Result<EditionId, LedgerError> {
    let id = connection.query_row("SELECT coalesce(max(id), 0) + 1 FROM edition", [], |row| row.get(0))?;
    Ok(EditionId(id))
}

/// Writes the edition and those of its assets that the ledger has not yet.
pub(super) fn insert(connection: &Connection, id: EditionId, freeze: &Freeze<'_>) -> Result<(), LedgerError> {
    for attachment in &freeze.edition.attachments {
        connection.execute(
            "INSERT INTO asset (hash, bytes) VALUES (?1, ?2) ON CONFLICT (hash) DO NOTHING",
            params![body::hash(&attachment.bytes), attachment.bytes],
        )?;
    }
    let Hashes { sources, content, body } = &freeze.hashes;
    connection.execute(
        "INSERT INTO edition VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)",
        params![
            id.0,
            freeze.edition.issue.0,
            freeze.realm.name(),
            freeze.transport,
            sources.issue,
            sources.template,
            sources.assets,
            sources.settings,
            content.0,
            body.0,
            freeze.subject,
            lists_text(&freeze.selection.lists),
            Body::text_of(freeze.edition),
            freeze.now.as_millisecond(),
        ],
    )?;
    if freeze.selection.segment.is_some() {
        connection.execute("INSERT INTO segment_edition VALUES (?1)", [id.0])?;
    }
    Ok(())
}

fn asset(connection: &Connection, hash: &str) -> Result<Vec<u8>, LedgerError> {
    let bytes = connection
        .query_row("SELECT bytes FROM asset WHERE hash = ?1", [hash], |row| row.get(0))
        .optional()?;
    bytes.ok_or_else(|| corrupt("an edition whose attachment is gone"))
}

/// The columns that [`edition_row`] reads, in its order.
const EDITION: &str = "id, issue, realm, transport, issue_hash, template_hash, assets_hash, settings_hash,
     content_hash, body_hash, subject, lists, frozen_at";

fn edition_row(row: &Row<'_>) -> Result<EditionRow, LedgerError> {
    Ok(EditionRow {
        id: EditionId(row.get(0)?),
        issue: IssueId(row.get(1)?),
        realm: words::realm(words::text(row, 2)?)?,
        transport: row.get(3)?,
        hashes: hashes(row)?,
        subject: row.get(10)?,
        lists: lists(words::text(row, 11)?)?,
        frozen_at: words::time(row.get(12)?)?,
    })
}

fn hashes(row: &Row<'_>) -> Result<Hashes, LedgerError> {
    Ok(Hashes {
        sources: Sources {
            issue: row.get(4)?,
            template: row.get(5)?,
            assets: row.get(6)?,
            settings: row.get(7)?,
        },
        content: ContentHash(row.get(8)?),
        body: ContentHash(row.get(9)?),
    })
}

pub(super) fn lists_text(lists: &[ListId]) -> String {
    let names: Vec<&str> = lists.iter().map(|list| list.0.as_str()).collect();
    serde_json::to_string(&names).expect("a row of texts is always JSON")
}

pub(super) fn lists(text: &str) -> Result<Vec<ListId>, LedgerError> {
    let names: Vec<String> = serde_json::from_str(text).map_err(|_| corrupt("the lists of an edition"))?;
    Ok(names.into_iter().map(ListId).collect())
}
