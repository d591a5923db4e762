// node render.mjs ISSUE.md ISSUE.mjml ROUNDS: Markdown by markdown-it and MJML by mjml, in one warm process.
import fs from 'node:fs';
import MarkdownIt from 'markdown-it';
import mjml from 'mjml';

const [markdownPath, mjmlPath, rounds] = process.argv.slice(2);
const [markdown, source] = [fs.readFileSync(markdownPath, 'utf8'), fs.readFileSync(mjmlPath, 'utf8')];
const parser = new MarkdownIt();

// The median of all rounds, in microseconds, after as many to warm up.
async function median(work) {
  const times = [];
  for (let round = 0; round < 2 * rounds; round++) {
    const began = process.hrtime.bigint();
    await work();
    if (round >= rounds) times.push(Number(process.hrtime.bigint() - began) / 1000);
  }
  return times.sort((a, b) => a - b)[Math.floor(times.length / 2)];
}

const markdown_us = await median(() => parser.render(markdown));
const mjml_us = await median(() => mjml(source, { validationLevel: 'skip' }));
console.log(JSON.stringify({ markdown_us, mjml_us }));
