//! Whether https shows the same page as an address of http: asked once, after the page was seen.

use std::time::Duration;

use url::Url;

use super::page::Page;
use super::visit::{End, Visit};
use super::walk::{Budget, Walker};
use super::wanted::Wanted;

/// So long https is waited for, and no longer than is left for the address.
const PATIENCE: Duration = Duration::from_secs(5);

/// No answer of an archive is longer, in bytes.
const LONGEST_ANSWER: usize = 64 * 1024;

impl Walker {
    /// The address of https that shows the page of `visit`. Not asked for an address with a query, which may work
    /// only once, nor for a port of its own, nor again at a host that has no https.
    pub async fn secure(&self, visit: &Visit, wanted: &Wanted, budget: &mut Budget) -> Option<Url> {
        let page = &visit.answer().filter(|answer| matches!(answer.status, 200..=299))?.page;
        let https = self.https_of(&visit.address).filter(|_| visit.last().scheme() == "http")?;
        let host = https.host_str()?.to_owned();
        if self.plain().contains(&host) {
            return None;
        }
        let mut own = Budget::new(PATIENCE.min(budget.left));
        match self.end_of(&https, wanted, &mut own).await {
            End::Answered(answer) => is_same(page, answer.status, &answer.page).then_some(https),
            End::NoAnswer(_) => {
                self.plain().insert(host);
                None
            }
            _ => None,
        }
    }

    async fn end_of(&self, https: &Url, wanted: &Wanted, budget: &mut Budget) -> End {
        let wanted = Wanted { address: https.clone(), ..wanted.clone() };
        match self.walk(&wanted, budget).await {
            // An https that sends its visitors back to http is none.
            (hops, end) if hops.iter().all(|hop| hop.to.scheme() == "https") => end,
            (_, _) => End::Circle { cookies: false },
        }
    }

    fn https_of(&self, address: &Url) -> Option<Url> {
        let is_usual = address.port_or_known_default() == Some(self.ports.http);
        if address.scheme() != "http" || !is_usual || address.query().is_some() {
            return None;
        }
        let mut https = address.clone();
        https.set_scheme("https").ok()?;
        https.set_port(Some(self.ports.https)).ok()?;
        Some(https)
    }

    fn plain(&self) -> std::sync::MutexGuard<'_, std::collections::HashSet<String>> {
        self.plain.lock().expect("nothing panics while it holds the hosts without https")
    }

    /// The body of a good answer, with a turn at the host; `None` if there is none in time.
    pub async fn fetch(&self, url: &Url, limit: Duration) -> Option<Vec<u8>> {
        let turn = self.hosts.turn(url).await.ok()?;
        let body = tokio::time::timeout(limit, self.body_of(url)).await.ok().flatten();
        turn.end(if body.is_some() { super::host::Signal::Answered } else { super::host::Signal::Silent });
        body
    }

    async fn body_of(&self, url: &Url) -> Option<Vec<u8>> {
        if super::reach::private_literal(url).is_some() && !self.allow_private {
            return None;
        }
        let mut answer = self.client.get(url.clone()).send().await.ok()?;
        let mut body = Vec::new();
        while body.len() < LONGEST_ANSWER
            && let Some(chunk) = answer.chunk().await.ok()?
        {
            body.extend_from_slice(&chunk);
        }
        answer.status().is_success().then_some(body)
    }
}

fn is_same(page: &Page, status: u16, other: &Page) -> bool {
    matches!(status, 200..=299) && page.is_like(other)
}
