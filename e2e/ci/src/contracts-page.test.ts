import { readFileSync } from 'node:fs';
import { glob, readFile } from 'node:fs/promises';
import { describe, expect, it } from '@jest/globals';

/** Families of rules in the checklist of the contract; safety and engineering rules (SR, ER) are others'. */
const ruleId = /\b(?:X|OR|P|C|R|W|B|IM|IC|CP|T|K|M|V|IP)-\d{1,2}\b/g;

describe('docs/contracts.md', () => {
  const page = readFileSync('docs/contracts.md', 'utf8');
  const rows = page.split('\n').filter((line) => /^\| [A-Z]+-\d/.test(line));

  it('names tests that are there', async () => {
    const missing: string[] = [];
    let named = 0;
    for (const row of rows) {
      const file = /`([\w./-]+\.ts)`/.exec(row)?.[1];
      if (!file) continue;
      const text = await readFile(file, 'utf8').catch(() => '');
      for (const [, title = ''] of row.matchAll(/“([^”]+)”/g)) {
        named += 1;
        if (!text.includes(title)) missing.push(`${file}: ${title}`);
      }
    }
    expect(missing).toEqual([]);
    expect(named).toBeGreaterThan(50);
  });

  it('has a row for each rule that sources and tests speak of', async () => {
    const spoken = new Set<string>();
    for await (const file of glob('{apps,libs,e2e}/*/{src,test,testing}/**/*.ts')) {
      if (file.includes('node_modules')) continue;
      for (const [id] of (await readFile(file, 'utf8')).matchAll(ruleId)) spoken.add(id);
    }
    const listed = rowIds(rows);
    expect([...spoken].filter((id) => !listed.has(id)).sort()).toEqual([]);
  });
});

/** Ids of the first column; `IP-01 to IP-07` means all between. */
function rowIds(rows: readonly string[]): ReadonlySet<string> {
  return new Set(
    rows.flatMap((row) => {
      const cell = row.split('|')[1] ?? '';
      const spans = [...cell.matchAll(/([A-Z]+)-(\d+) to \1-(\d+)/g)].flatMap(([, family, from, to]) =>
        Array.from(
          { length: Number(to) - Number(from) + 1 },
          (_, at) => `${family}-${String(Number(from) + at).padStart(2, '0')}`,
        ),
      );
      return [...spans, ...(cell.match(ruleId) ?? [])];
    }),
  );
}
