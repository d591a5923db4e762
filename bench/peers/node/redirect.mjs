// node redirect.mjs PORT TARGET: leads whoever asks for /c/… on to the target. It verifies and keeps nothing.
import http from 'node:http';

const [port, target] = process.argv.slice(2);

http.createServer((request, response) => {
  const is_link = request.url.startsWith('/c/');
  response.writeHead(is_link ? 302 : 404, is_link ? { location: target, 'content-length': 0 } : { 'content-length': 0 }).end();
}).listen(Number(port), '127.0.0.1');
