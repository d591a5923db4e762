// node pages.mjs ISSUES FOLDER: each Markdown file of ISSUES as a page of FOLDER, by markdown-it, and nothing else.
import fs from 'node:fs';
import path from 'node:path';
import MarkdownIt from 'markdown-it';

const [issues, folder] = process.argv.slice(2);
const parser = new MarkdownIt({ html: true, linkify: true, typographer: true });

for (const name of fs.readdirSync(issues)) {
  const body = fs.readFileSync(path.join(issues, name), 'utf8').split('\n---\n').slice(1).join('\n---\n');
  const page = path.join(folder, path.parse(name).name);
  fs.mkdirSync(page, { recursive: true });
  fs.writeFileSync(path.join(page, 'index.html'), `<!doctype html><title>${name}</title>${parser.render(body)}`);
}
