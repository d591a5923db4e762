//! What SQLite says went wrong → [`LedgerError`], in words for the person at the keyboard.

use rusqlite::ErrorCode;

use crate::ledger::LedgerError;

impl From<rusqlite::Error> for LedgerError {
    fn from(error: rusqlite::Error) -> LedgerError {
        match &error {
            rusqlite::Error::SqliteFailure(failure, message) => {
                let message = message.clone().unwrap_or_else(|| failure.to_string());
                from_code(failure.code, failure.extended_code, message)
            }
            rusqlite::Error::FromSqlConversionFailure(..)
            | rusqlite::Error::InvalidColumnType(..)
            | rusqlite::Error::IntegralValueOutOfRange(..)
            | rusqlite::Error::QueryReturnedNoRows => LedgerError::Corrupt { what: error.to_string() },
            _ => LedgerError::Store { cause: error.to_string() },
        }
    }
}

fn from_code(code: ErrorCode, extended: i32, message: String) -> LedgerError {
    let cause = match code {
        ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase => {
            return LedgerError::Corrupt { what: message };
        }
        ErrorCode::DiskFull => "the disk is full".to_owned(),
        ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked => {
            "another process has kept it busy for 30 s".to_owned()
        }
        ErrorCode::ReadOnly | ErrorCode::PermissionDenied => "it may not be written to".to_owned(),
        ErrorCode::CannotOpen => "its file cannot be opened".to_owned(),
        ErrorCode::SystemIoFailure => format!("the disk reports an error ({message}, code {extended})"),
        _ => message,
    };
    LedgerError::Store { cause }
}

/// Something in a row that no version of ours can have written.
pub(super) fn corrupt(what: impl Into<String>) -> LedgerError {
    LedgerError::Corrupt { what: what.into() }
}
