//! `[subscribe]`: whom the form of `courant serve` lets in, and how often.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::num::NonZeroU32;
use std::time::Duration;

use super::transport::Rate;
use super::values::{choice, rate_at};
use crate::model::issue::At;
use crate::model::tree::{Misfit, Table};

#[derive(Debug, Clone)]
pub struct SubscribeSettings {
    /// The lists of the form, by name; without any there is no form.
    pub lists: Vec<At<String>>,
    /// How often the form is taken from one network.
    pub per_network: Rate,
    pub proxies: Proxies,
}

impl Default for SubscribeSettings {
    fn default() -> SubscribeSettings {
        let letters = NonZeroU32::new(20).expect("20 is not zero");
        SubscribeSettings {
            lists: Vec::new(),
            per_network: Rate { letters, per: Duration::from_secs(3600) },
            proxies: Proxies::default(),
        }
    }
}

/// Whom to believe where a request came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proxies {
    pub trusted: Vec<Network>,
    pub header: ProxyHeader,
}

impl Default for Proxies {
    /// Those on this machine.
    fn default() -> Proxies {
        let loopback =
            [Network::of(Ipv4Addr::LOCALHOST.into(), 8), Network::of(Ipv6Addr::LOCALHOST.into(), 128)];
        Proxies { trusted: loopback.to_vec(), header: ProxyHeader::XForwardedFor }
    }
}

/// The header in which a proxy says so. Whichever it does not write itself, it passes on as a visitor wrote it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ProxyHeader {
    XForwardedFor,
    /// RFC 7239.
    Forwarded,
}

/// Addresses that begin alike.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Network {
    pub base: IpAddr,
    bits: u8,
}

impl Network {
    /// The network of so many bits that `address` is in.
    pub fn of(address: IpAddr, bits: u8) -> Network {
        Network { base: masked(address, bits), bits }
    }

    /// `127.0.0.0/8`, `2001:db8::/32`, or a lone address.
    pub fn parse(text: &str) -> Option<Network> {
        let (address, bits) = match text.split_once('/') {
            Some((address, bits)) => (address, Some(bits.parse::<u8>().ok()?)),
            None => (text, None),
        };
        let address: IpAddr = address.trim().parse().ok()?;
        let most = if address.is_ipv4() { 32 } else { 128 };
        let bits = bits.unwrap_or(most);
        (bits <= most).then(|| Network::of(address, bits))
    }

    pub fn holds(&self, address: IpAddr) -> bool {
        address.is_ipv4() == self.base.is_ipv4() && masked(address, self.bits) == self.base
    }
}

fn masked(address: IpAddr, bits: u8) -> IpAddr {
    match address {
        IpAddr::V4(address) => {
            let mask = u32::MAX.checked_shl(32 - u32::from(bits.min(32))).unwrap_or_default();
            Ipv4Addr::from(u32::from(address) & mask).into()
        }
        IpAddr::V6(address) => {
            let mask = u128::MAX.checked_shl(128 - u32::from(bits.min(128))).unwrap_or_default();
            Ipv6Addr::from(u128::from(address) & mask).into()
        }
    }
}

pub fn read(root: &Table) -> Result<SubscribeSettings, Misfit> {
    let default = SubscribeSettings::default();
    let Some(table) = root.table("subscribe")? else { return Ok(default) };
    table.only("`[subscribe]`", &["lists", "per_network", "trusted_proxies", "proxy_header"])?;
    let headers = [("x-forwarded-for", ProxyHeader::XForwardedFor), ("forwarded", ProxyHeader::Forwarded)];
    Ok(SubscribeSettings {
        lists: table.texts("lists")?,
        per_network: rate_at(table, "per_network")?.unwrap_or(default.per_network),
        proxies: Proxies {
            trusted: trusted(table)?.unwrap_or(default.proxies.trusted),
            header: choice(table, "proxy_header", &headers)?.unwrap_or(default.proxies.header),
        },
    })
}

fn trusted(table: &Table) -> Result<Option<Vec<Network>>, Misfit> {
    if table.get("trusted_proxies").is_none() {
        return Ok(None);
    }
    let each = table.texts("trusted_proxies")?.into_iter().map(|at| {
        Network::parse(&at.value).ok_or_else(|| {
            Misfit::new(format!("`{}` is no address of a proxy", at.value), at.span)
                .help("write it as \"10.0.0.5\" or \"10.0.0.0/8\"")
        })
    });
    each.collect::<Result<_, _>>().map(Some)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_network_holds_what_begins_as_it_does() {
        let holds =
            |network: &str, address: &str| Network::parse(network).unwrap().holds(address.parse().unwrap());
        assert!(holds("10.0.0.0/8", "10.255.0.1") && !holds("10.0.0.0/8", "11.0.0.1"));
        assert!(holds("10.1.2.3", "10.1.2.3") && !holds("10.1.2.3", "10.1.2.4"));
        assert!(holds("2001:db8::/32", "2001:db8:ffff::1") && !holds("2001:db8::/32", "2001:db9::1"));
        assert!(holds("0.0.0.0/0", "192.0.2.1") && !holds("0.0.0.0/0", "::1"));
        for wrong in ["10.0.0.0/33", "::/129", "proxy", "10.0.0.0/x", ""] {
            assert_eq!(Network::parse(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn what_is_no_proxy_is_pointed_at() {
        let root = Table::from_toml("[subscribe]\ntrusted_proxies = ['10.0.0.1', 'proxy']\n", 0).unwrap();
        assert_eq!(read(&root).unwrap_err().message, "`proxy` is no address of a proxy");
        let root = Table::from_toml("[subscribe]\nlist = 'weekly'\n", 0).unwrap();
        assert!(read(&root).unwrap_err().help.unwrap().contains("`lists`"));
    }
}
