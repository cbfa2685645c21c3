import type { Block } from './blocks.ts';

/** One command line of a document, with its continuations. */
export interface CommandLine {
  readonly place: string;
  readonly text: string;
}

/** What the documents test runs itself, by the first words of a command. */
const executed: readonly RegExp[] = [
  /^npm run (-s )?lab -- /,
  /^npm run demo -- --keep$/,
  /^kubectl /,
  /^base64 -d\b/,
  /^rm \/tmp\/[\w.-]+$/,
  /^echo /,
];

/** What runs elsewhere, and where. */
const elsewhere: readonly { readonly command: RegExp; readonly suite: string }[] = [
  { command: /^npm test$/, suite: 'it is what runs this test' },
  {
    command: /^(npm run release|npm run images|clusterctl (init|upgrade apply)) /,
    suite: 'e2e/scenarios/src/clusterctl.scenario.test.ts, where images and releases are made by the same functions',
  },
  { command: /^kubectl apply -k deploy\/overlays\/dev$/, suite: 'e2e/ci/test/overlays.it.test.ts' },
  { command: /^clusterctl generate cluster /, suite: 'e2e/ci/test/release.it.test.ts' },
  { command: /^clusterctl (move|describe cluster) /, suite: 'e2e/scenarios/src/move.scenario.test.ts' },
  {
    command: /^kubectl (create namespace k0smotron-outside|apply .*(providers\/bootstrap|-f rights\.yaml))/,
    suite: 'apps/bootstrap/test/outside.it.test.ts',
  },
  { command: /^node apps\/bootstrap\/dist\/bootstrap\.cjs /, suite: 'apps/bootstrap/test/outside.it.test.ts' },
  { command: /^npm run demo$/, suite: 'docs/guide/getting-started.md runs it with --keep' },
];

/** What becomes of a command: it is run here, or the suite that runs it. */
export type Verdict = { readonly kind: 'run' } | { readonly kind: 'elsewhere'; readonly suite: string };

/** The command lines of a shell block: comments and empty lines left out, continuations joined. */
export function commandLines({ file, line, text }: Block): CommandLine[] {
  const found: CommandLine[] = [];
  let begun: { readonly line: number; text: string } | undefined;
  for (const [at, raw] of text.split('\n').entries()) {
    const plain = raw.replace(/(^|\s)#.*$/, '').trimEnd();
    if (begun) begun.text += plain.trimStart();
    else if (plain.trim() === '') continue;
    else begun = { line: line + at, text: plain.trim() };
    if (begun.text.endsWith('\\')) begun.text = begun.text.slice(0, -1);
    else {
      found.push({ place: `${file}:${begun.line}`, text: begun.text });
      begun = undefined;
    }
  }
  return found;
}

/**
 * Says what becomes of a command line.
 * @throws when it holds a command that nobody runs: it must be added here, or leave the document.
 */
export function verdictOn({ place, text }: CommandLine): Verdict {
  const there = elsewhere.find(({ command }) => command.test(text));
  if (there) return { kind: 'elsewhere', suite: there.suite };
  for (const command of simpleCommands(text)) {
    if (!executed.some((known) => known.test(command))) throw new Error(`${place}: nobody runs '${command}'`);
  }
  return { kind: 'run' };
}

/** The parts of pipes and lists, and what is in `export X="$(…):…"`. */
function simpleCommands(text: string): string[] {
  const assigned = /^export [A-Z_]+="?\$\((.*)\)[^)]*"?$/.exec(text)?.[1];
  return (assigned ?? text)
    .split(/ (?:\||&&) /)
    .map((part) => part.replace(/ > \S+$/, '').trim())
    .filter(Boolean);
}
