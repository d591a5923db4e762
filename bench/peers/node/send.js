// node send.js HOST:PORT LETTERS CONNECTIONS send|encode|sign
//
// nodemailer with its connection pool, one message for each subscriber. LETTER is the folder with letter.html
// and letter.txt, in which {{name}}, {{email}} and {{token}} stand for the subscriber's values, KEY the file of a key.
const fs = require('node:fs');
const path = require('node:path');
const nodemailer = require('nodemailer');
const MailComposer = require('nodemailer/lib/mail-composer');

const [address, lettersText, connectionsText, mode] = process.argv.slice(2);
const letters = Number(lettersText);
const connections = Number(connectionsText);
const part = (name) => fs.readFileSync(path.join(process.env.LETTER, name), 'utf8');
const [html, text] = [part('letter.html'), part('letter.txt')];

function letter(i) {
  const name = `Zoë Example ${i}`;
  const email = `user${i}@example${i % 997}.org`;
  const token = i.toString(16).padStart(64, '0');
  const fill = (t) => t.replaceAll('{{name}}', name).replaceAll('{{email}}', email).replaceAll('{{token}}', token);
  return {
    from: 'The Bench <bench@example.org>',
    to: { name, address: email },
    subject: 'An issue — for the bench',
    messageId: `<${i}.peer@example.org>`,
    headers: { 'List-Unsubscribe': `<https://example.org/u/${token}>` },
    textEncoding: 'quoted-printable',
    html: fill(html),
    text: fill(text),
  };
}

async function encode() {
  const began = process.hrtime.bigint();
  for (let i = 0; i < letters; i++) await new MailComposer(letter(i)).compile().build();
  const micros = Number(process.hrtime.bigint() - began) / 1000;
  console.log(JSON.stringify({ us_per_letter: micros / letters }));
}

// What a signature adds: the same letters with and without, one after the other.
async function sign() {
  const dkim = { domainName: 'example.org', keySelector: 's1', privateKey: fs.readFileSync(process.env.KEY, 'utf8') };
  const writer = (dkim) => nodemailer.createTransport({ streamTransport: true, buffer: true, dkim });
  const [plain, signed] = [writer(undefined), writer(dkim)];
  const timed = async (transport, i) => {
    const began = process.hrtime.bigint();
    await transport.sendMail(letter(i));
    return Number(process.hrtime.bigint() - began) / 1000;
  };
  let added = 0;
  for (let i = 0; i < letters; i++) added += (await timed(signed, i)) - (await timed(plain, i));
  console.log(JSON.stringify({ us_per_letter: added / letters }));
}

async function send() {
  const [host, port] = address.split(':');
  const pool = nodemailer.createTransport({
    pool: true,
    host,
    port: Number(port),
    ignoreTLS: true,
    maxConnections: connections,
    maxMessages: Infinity,
    name: 'bench.example.org',
  });
  let next = 0;
  const lane = async () => {
    while (next < letters) await pool.sendMail(letter(next++));
  };
  // Two lanes a connection, so that no connection waits for the next letter to be made.
  await Promise.all(Array.from({ length: connections * 2 }, lane));
  pool.close();
}

({ encode, sign }[mode] ?? send)().catch((error) => {
  console.error(error);
  process.exit(1);
});
