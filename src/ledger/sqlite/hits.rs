//! Opens and clicks of letters whose readers are counted: where links lead, and who followed them, most likely.

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, params};

use super::{Ledger, words};
use crate::compose::tracking::LinkList;
use crate::ledger::LedgerError;
use crate::ledger::recorded::DeliveryId;
use crate::ledger::rows::{Counted, EditionId, EventRow, Followed, Hit, Visitors};
use crate::model::letter::Edition;
use crate::policy::visitor::{BURST, MANY, Visitor, by_time};

/// The number of the picture.
const PICTURE: i64 = 0;

impl Ledger {
    /// Keeps where the links of a proof lead, whose edition is not frozen.
    pub fn keep_links(&self, list: &LinkList) -> Result<(), LedgerError> {
        self.store.write(|connection| keep(connection, list))
    }

    /// Where a link leads; `None` unless it stood in a letter.
    pub fn target_of(&self, list: &str, number: u32) -> Result<Option<String>, LedgerError> {
        self.store.read(|connection| {
            let mut query =
                connection.prepare_cached("SELECT target FROM link WHERE list = ?1 AND number = ?2")?;
            Ok(query.query_row(params![list, number], |row| row.get(0)).optional()?)
        })
    }

    /// Writes hits down, in one commit. One that is about no letter of this ledger is passed over.
    pub fn take_hits(&self, hits: &[Hit]) -> Result<(), LedgerError> {
        self.store.write(|connection| hits.iter().try_for_each(|hit| take(connection, hit)))
    }

    /// What was counted of an edition; `None` where nothing is.
    pub fn counted(&self, edition: EditionId) -> Result<Option<Counted>, LedgerError> {
        self.store.read(|connection| {
            let mut query = connection
                .prepare_cached("SELECT list, opens, clicks FROM counted_edition WHERE edition = ?1")?;
            let row = query.query_row([edition.0], |row| {
                Ok((row.get::<_, String>(0)?, row.get::<_, bool>(1)?, row.get::<_, bool>(2)?))
            });
            let Some((list, opens, clicks)) = row.optional()? else { return Ok(None) };
            Ok(Some(Counted {
                opens: if opens { Some(visitors(connection, edition, "link = 0")?) } else { None },
                clicks: if clicks { Some(visitors(connection, edition, "link > 0")?) } else { None },
                links: if clicks { links(connection, edition, &list)? } else { Vec::new() },
            }))
        })
    }
}

/// Within the transaction that freezes the edition.
pub(super) fn freeze(connection: &Connection, id: EditionId, edition: &Edition) -> Result<(), LedgerError> {
    let (Some(list), Some(tracking)) = (LinkList::of(edition), &edition.tracking) else { return Ok(()) };
    keep(connection, &list)?;
    connection.execute(
        "INSERT INTO counted_edition VALUES (?1, ?2, ?3, ?4)",
        params![id.0, list.name, tracking.opens, tracking.clicks],
    )?;
    Ok(())
}

fn keep(connection: &Connection, list: &LinkList) -> Result<(), LedgerError> {
    let mut insert = connection.prepare_cached("INSERT OR IGNORE INTO link VALUES (?1, ?2, ?3)")?;
    for (place, target) in list.targets.iter().enumerate() {
        insert.execute(params![list.name, place as i64 + 1, target])?;
    }
    Ok(())
}

fn take(connection: &Connection, hit: &Hit) -> Result<(), LedgerError> {
    let Some((delivery, taken)) = letter_of(connection, hit)? else { return Ok(()) };
    let visitor = by_time(hit.visitor, taken.map(|taken| hit.at.duration_since(taken)));
    add(
        connection,
        delivery,
        i64::from(hit.link),
        visitor,
        hit.at.as_millisecond(),
        hit.at.as_millisecond(),
        1,
    )?;
    if hit.link > 0 && is_burst(connection, delivery, hit.at)? {
        disown(connection, delivery, hit.at)?;
    }
    Ok(())
}

/// The newest letter with this list of links to this person, a live one if there is any, and when it was taken before
/// the hit; where an attempt may have brought it, when that began.
fn letter_of(connection: &Connection, hit: &Hit) -> Result<Option<(i64, Option<Timestamp>)>, LedgerError> {
    let mut query = connection.prepare_cached(
        "SELECT d.id,
                (SELECT max(at) FROM
                     (SELECT iif(outcome = 'accepted', ended_at, begun_at) AS at FROM attempt
                      WHERE delivery = d.id AND outcome IN ('accepted', 'uncertain')
                      UNION ALL SELECT d.begun_at WHERE d.state = 'sending')
                 WHERE at <= ?4)
         FROM counted_edition c JOIN edition e ON e.id = c.edition JOIN letter l ON l.edition = e.id AND l.key = ?2
              JOIN delivery d ON d.letter = l.id
         WHERE c.list = ?1 AND d.first_begun IS NOT NULL
           AND iif(?3 = 0, c.opens, c.clicks)
         ORDER BY e.realm = 'live' DESC, d.id DESC LIMIT 1",
    )?;
    let mut rows = query.query(params![hit.list, hit.key.as_str(), hit.link, hit.at.as_millisecond()])?;
    let Some(row) = rows.next()? else { return Ok(None) };
    Ok(Some((row.get(0)?, words::maybe_time(row.get(1)?)?)))
}

fn add(
    connection: &Connection,
    delivery: i64,
    link: i64,
    visitor: Visitor,
    first: i64,
    last: i64,
    times: i64,
) -> Result<(), LedgerError> {
    let mut insert = connection.prepare_cached(
        "INSERT INTO hit VALUES (?1, ?2, ?3, ?4, ?5, ?6)
         ON CONFLICT (delivery, link, visitor) DO UPDATE SET
             first_at = min(first_at, excluded.first_at), last_at = max(last_at, excluded.last_at),
             times = times + excluded.times",
    )?;
    insert.execute(params![delivery, link, visitor.name(), first, last, times])?;
    Ok(())
}

/// Whether links of the letter were followed one after the other, faster than anybody reads.
fn is_burst(connection: &Connection, delivery: i64, at: Timestamp) -> Result<bool, LedgerError> {
    let mut query = connection.prepare_cached(
        "SELECT count(DISTINCT link) >= ?3 FROM hit WHERE delivery = ?1 AND link > 0 AND last_at >= ?2",
    )?;
    Ok(query.query_row(params![delivery, burst(at), MANY], |row| row.get(0))?)
}

/// What was new within the burst was a machine's, whatever it called itself.
fn disown(connection: &Connection, delivery: i64, at: Timestamp) -> Result<(), LedgerError> {
    let mut query = connection.prepare_cached(
        "DELETE FROM hit WHERE delivery = ?1 AND link > 0 AND first_at >= ?2 AND visitor <> 'machine'
         RETURNING link, first_at, last_at, times",
    )?;
    let rows = query.query_map(params![delivery, burst(at)], |row| {
        Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?))
    })?;
    let taken: Vec<(i64, i64, i64, i64)> = rows.collect::<Result<_, _>>()?;
    for (link, first, last, times) in taken {
        add(connection, delivery, link, Visitor::Machine, first, last, times)?;
    }
    Ok(())
}

fn burst(at: Timestamp) -> i64 {
    at.as_millisecond().saturating_sub(i64::try_from(BURST.as_millis()).unwrap_or(i64::MAX))
}

/// The place of the surest visitor among all.
const BEST: &str = "max(CASE visitor WHEN 'person' THEN 2 WHEN 'unsure' THEN 1 ELSE 0 END)";

/// Letters, each once under the surest visitor that it had.
fn visitors(connection: &Connection, edition: EditionId, which: &str) -> Result<Visitors, LedgerError> {
    let sql = format!(
        "SELECT best, count(*) FROM
             (SELECT {BEST} AS best
              FROM hit JOIN delivery d ON d.id = hit.delivery
              WHERE d.edition = ?1 AND {which} GROUP BY hit.delivery)
         GROUP BY best"
    );
    let mut query = connection.prepare_cached(&sql)?;
    let mut rows = query.query([edition.0])?;
    let mut found = Visitors::default();
    while let Some(row) = rows.next()? {
        found.add(words::count(row, 0)?, words::count(row, 1)?);
    }
    Ok(found)
}

fn links(connection: &Connection, edition: EditionId, list: &str) -> Result<Vec<Followed>, LedgerError> {
    let mut query = connection.prepare_cached("SELECT target FROM link WHERE list = ?1 ORDER BY number")?;
    let targets = query.query_map([list], |row| row.get(0))?.collect::<Result<Vec<String>, _>>()?;
    let none = |target| Followed { target, visitors: Visitors::default() };
    let mut links: Vec<Followed> = targets.into_iter().map(none).collect();
    let mut query = connection.prepare_cached(&format!(
        "SELECT link, best, count(*) FROM
             (SELECT link, {BEST} AS best FROM hit JOIN delivery d ON d.id = hit.delivery
              WHERE d.edition = ?1 AND link > 0 GROUP BY link, hit.delivery)
         GROUP BY link, best"
    ))?;
    let mut rows = query.query([edition.0])?;
    while let Some(row) = rows.next()? {
        let place = usize::try_from(words::count(row, 0)? - 1).unwrap_or(usize::MAX);
        if let Some(link) = links.get_mut(place) {
            link.visitors.add(words::count(row, 1)?, words::count(row, 2)?);
        }
    }
    Ok(links)
}

/// The hits of one delivery, as what became known of it.
pub(super) fn events(connection: &Connection, delivery: DeliveryId) -> Result<Vec<EventRow>, LedgerError> {
    let mut query = connection.prepare_cached(
        "SELECT h.link, h.visitor, h.first_at, h.times, coalesce(k.target, ''),
                (SELECT max(number) FROM attempt WHERE delivery = d.id)
         FROM hit h JOIN delivery d ON d.id = h.delivery JOIN counted_edition c ON c.edition = d.edition
              LEFT JOIN link k ON k.list = c.list AND k.number = h.link
         WHERE h.delivery = ?1 ORDER BY h.first_at, h.link",
    )?;
    let mut rows = query.query([delivery.0])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        let (link, visitor, times): (i64, String, i64) = (row.get(0)?, row.get(1)?, row.get(3)?);
        let target: String = row.get(4)?;
        let often = if times == 1 { String::new() } else { format!("{times} times") };
        found.push(EventRow {
            attempt: row.get::<_, Option<u32>>(5)?.unwrap_or(1),
            kind: if link == PICTURE { "opened" } else { "clicked" }.to_owned(),
            at: words::time(row.get(2)?)?,
            source: format!("courant serve, {visitor}"),
            code: None,
            enhanced: None,
            said: [target, often].into_iter().filter(|text| !text.is_empty()).collect::<Vec<_>>().join(", "),
            settles: false,
        });
    }
    Ok(found)
}

/// Forgets who opened and clicked before then; how many.
pub(super) fn forget(connection: &Connection, before: Timestamp) -> Result<u64, LedgerError> {
    let gone = connection.execute("DELETE FROM hit WHERE last_at < ?1", [before.as_millisecond()])?;
    Ok(gone as u64)
}
