//! qmail, and the many that speak as it does (MessageLabs, GoDaddy, Outblaze, NewMail.ru).

use super::Dialect;
use super::angles::angles;

pub(super) static DIALECT: Dialect = Dialect { name: "qmail", knows: |_| true, find: angles };
