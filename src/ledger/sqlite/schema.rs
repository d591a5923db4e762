//! The tables, and how an older ledger becomes a newer one. Forward only.

use rusqlite::{Connection, TransactionBehavior};

use crate::ledger::LedgerError;

/// "Cour" in ASCII: tells `file` and us whose database this is.
const APPLICATION_ID: i64 = 0x436f_7572;

/// Migration `n` leads from schema `n` to `n + 1`.
const MIGRATIONS: &[&str] = &[
    include_str!("schema/1.sql"),
    include_str!("schema/2.sql"),
    include_str!("schema/3.sql"),
    include_str!("schema/4.sql"),
    include_str!("schema/5.sql"),
    include_str!("schema/6.sql"),
    include_str!("schema/7.sql"),
    include_str!("schema/8.sql"),
    include_str!("schema/9.sql"),
    include_str!("schema/10.sql"),
    include_str!("schema/11.sql"),
    include_str!("schema/12.sql"),
];

/// The schema that this version writes.
pub(super) const KNOWN: i64 = MIGRATIONS.len() as i64;

/// Brings the database to the newest schema. Fails without a change if it is not a ledger of ours, or one
/// that a newer version made.
pub(super) fn prepare(connection: &mut Connection) -> Result<(), LedgerError> {
    if version(connection)? == KNOWN && number(connection, "application_id")? == APPLICATION_ID {
        return Ok(());
    }
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let found = version(&transaction)?;
    require_ours(&transaction, found)?;
    for migration in &MIGRATIONS[found as usize..] {
        transaction.execute_batch(migration)?;
    }
    transaction.pragma_update(None, "application_id", APPLICATION_ID)?;
    transaction.pragma_update(None, "user_version", KNOWN)?;
    Ok(transaction.commit()?)
}

/// Whether nothing was ever written here, as after a crash right at creation.
fn is_blank(connection: &Connection) -> Result<bool, LedgerError> {
    Ok(connection.query_row("SELECT count(*) = 0 FROM sqlite_schema", [], |row| row.get(0))?)
}

fn require_ours(connection: &Connection, found: i64) -> Result<(), LedgerError> {
    match number(connection, "application_id")? {
        APPLICATION_ID if found > KNOWN => Err(LedgerError::Newer { found, known: KNOWN }),
        APPLICATION_ID if found >= 0 => Ok(()),
        0 if found == 0 && is_blank(connection)? => Ok(()),
        _ => Err(LedgerError::Corrupt { what: "the file is a database, but not a ledger of Courant".into() }),
    }
}

fn version(connection: &Connection) -> Result<i64, LedgerError> {
    number(connection, "user_version")
}

fn number(connection: &Connection, pragma: &str) -> Result<i64, LedgerError> {
    Ok(connection.pragma_query_value(None, pragma, |row| row.get(0))?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_blank_database_gets_the_newest_schema_once() {
        let mut connection = Connection::open_in_memory().unwrap();
        prepare(&mut connection).unwrap();
        prepare(&mut connection).unwrap();
        assert_eq!(version(&connection).unwrap(), KNOWN);
        assert!(!is_blank(&connection).unwrap());
    }

    #[test]
    fn a_newer_ledger_is_refused_and_left_as_it_is() {
        let mut connection = Connection::open_in_memory().unwrap();
        prepare(&mut connection).unwrap();
        connection.pragma_update(None, "user_version", KNOWN + 1).unwrap();
        let error = prepare(&mut connection).unwrap_err();
        assert!(matches!(error, LedgerError::Newer { found, known } if found == KNOWN + 1 && known == KNOWN));
        assert_eq!(version(&connection).unwrap(), KNOWN + 1);
    }

    #[test]
    fn somebody_elses_database_is_not_taken_over() {
        let mut connection = Connection::open_in_memory().unwrap();
        connection.execute_batch("CREATE TABLE theirs (x)").unwrap();
        assert!(matches!(prepare(&mut connection), Err(LedgerError::Corrupt { .. })));
    }
}
