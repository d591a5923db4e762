// node batches.js HOST:PORT LETTERS CALLS: the built-in fetch, a hundred letters a call to Resend's batch API. LETTER is the
// folder with letter.html and letter.txt, in which {{name}}, {{email}} and {{token}} stand for the subscriber's values.
const fs = require('node:fs');
const path = require('node:path');

const [address, lettersText, callsText] = process.argv.slice(2);
const letters = Number(lettersText);
const part = (name) => fs.readFileSync(path.join(process.env.LETTER, name), 'utf8');
const [html, text] = [part('letter.html'), part('letter.txt')];
const BATCH = 100;

function letter(i) {
  const name = `Zoë Example ${i}`;
  const email = `user${i}@example${i % 997}.org`;
  const token = i.toString(16).padStart(64, '0');
  const fill = (t) => t.replaceAll('{{name}}', name).replaceAll('{{email}}', email).replaceAll('{{token}}', token);
  return {
    from: 'The Bench <bench@example.org>',
    to: [`${name} <${email}>`],
    subject: 'An issue — for the bench',
    html: fill(html),
    text: fill(text),
    headers: { 'List-Unsubscribe': `<https://example.org/u/${token}>`, 'List-Unsubscribe-Post': 'List-Unsubscribe=One-Click' },
    tags: [{ name: 'courant', value: token }],
  };
}

let next = 0;
async function lane() {
  while (next < letters) {
    const first = next;
    next = Math.min(first + BATCH, letters);
    const batch = Array.from({ length: next - first }, (_, i) => letter(first + i));
    const headers = { 'content-type': 'application/json', authorization: 'Bearer re_key', 'idempotency-key': `batch-${first}` };
    const answer = await fetch(`http://${address}/emails/batch`, { method: 'POST', headers, body: JSON.stringify(batch) });
    if (answer.status !== 200) throw new Error(`the answer is ${answer.status}`);
    const { data } = await answer.json();
    if (data.length !== batch.length) throw new Error(`${data.length} of ${batch.length} letters are answered`);
  }
}
Promise.all(Array.from({ length: Number(callsText) }, lane));
