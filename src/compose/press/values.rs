//! The merge values of a subscriber as they are kept with a delivery.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use crate::model::address::Address;
use crate::model::subscriber::{Fields, Subscriber};

/// The frozen form of the values; its own type, so that renaming a field of ours changes no ledger.
#[derive(Serialize, Deserialize)]
struct Frozen<'a> {
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    name: Option<Cow<'a, str>>,
    #[serde(default, skip_serializing_if = "Fields::is_empty")]
    fields: Cow<'a, Fields>,
}

/// The merge values of a subscriber as they are frozen with a delivery, and back.
pub fn freeze_values(subscriber: &Subscriber) -> String {
    let frozen = Frozen {
        name: subscriber.name.as_deref().map(Cow::Borrowed),
        fields: Cow::Borrowed(&subscriber.fields),
    };
    serde_json::to_string(&frozen).expect("texts under names are always JSON")
}

/// Fails only if `values` was not made by [`freeze_values`].
pub fn thaw_values(address: Address, values: &str) -> Result<Subscriber, serde_json::Error> {
    let frozen: Frozen<'_> = serde_json::from_str(values)?;
    Ok(Subscriber { address, name: frozen.name.map(Cow::into_owned), fields: frozen.fields.into_owned() })
}
