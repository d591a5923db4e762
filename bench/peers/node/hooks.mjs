// node hooks.mjs PORT SECRET: takes signed webhooks, verifies them and answers 200. It keeps nothing.
import http from 'node:http';
import { Webhook } from 'standardwebhooks';

const [port, secret] = process.argv.slice(2);
const webhook = new Webhook(secret);

http.createServer((request, response) => {
  const parts = [];
  request.on('data', (part) => parts.push(part));
  request.on('end', () => {
    const named = (name) => request.headers[`svix-${name}`];
    const headers = { 'webhook-id': named('id'), 'webhook-timestamp': named('timestamp'), 'webhook-signature': named('signature') };
    try {
      webhook.verify(Buffer.concat(parts).toString(), headers);
      response.writeHead(200, { 'content-length': 0 }).end();
    } catch {
      response.writeHead(401, { 'content-length': 0 }).end();
    }
  });
}).listen(Number(port), '127.0.0.1');
