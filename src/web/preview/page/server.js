// The conversation with `courant preview`: requests, and the events it sends by itself.

/// A refusal with a sentence and what to do next; `gone` where nobody answered at all.
export class Refused extends Error {
  constructor(words, help = null, gone = false) {
    super(words);
    this.help = help;
    this.gone = gone;
  }
}

/// Something of `api/`, as JSON.
export const get = (path, query = {}) => ask(`api/${path}${search(query)}`, {});

/// A request that changes something; the header shows that it comes from this page.
export const post = (path, body) =>
  ask(`api/${path}`, { method: "POST", headers: { "X-Courant": "1", "Content-Type": "application/json" }, body: JSON.stringify(body) });

/// The address of the HTML part of a letter, for a frame.
export const messageUrl = (issue, query) => `message/${encodeURIComponent(issue)}/html${search(query)}`;
export const letterUrl = (issue, query) => `message/${encodeURIComponent(issue)}/eml${search(query)}`;
export const boxUrl = (box, letter, what) => `mailbox/${encodeURIComponent(box)}/${encodeURIComponent(letter)}/${what}`;

function search(query) {
  const given = Object.entries(query).filter(([, value]) => value !== "" && value !== null && value !== undefined);
  return given.length ? `?${new URLSearchParams(given)}` : "";
}

async function ask(url, options) {
  const answer = await fetch(url, { cache: "no-store", ...options }).catch(() => {
    throw new Refused("`courant preview` does not answer", "start it again in the workspace", true);
  });
  const body = await answer.json().catch(() => null);
  if (answer.ok && body !== null) return body;
  throw new Refused(body?.error ?? `the answer was ${answer.status}`, body?.help);
}

/// Listens to the server for as long as the page is open. `heard` gets the name and data of each event,
/// `connected` whether there is a server: "live", "again" (it was away for a moment) or "gone".
export function listen(heard, connected) {
  let failures = 0;
  let source;
  const open = () => {
    source = new EventSource("api/events");
    source.onopen = () => {
      connected(failures ? "back" : "live");
      failures = 0;
    };
    source.onerror = () => {
      source.close();
      failures += 1;
      connected(failures > 2 ? "gone" : "again");
      setTimeout(open, Math.min(400 * failures, 2000));
    };
    for (const name of ["changed", "link", "mail"]) source.addEventListener(name, (event) => heard(name, JSON.parse(event.data)));
  };
  open();
}
