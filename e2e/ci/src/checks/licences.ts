import { readFile } from 'node:fs/promises';

/** Licences that ask for no more than being named; argparse and tweetnacl bring PSF-2.0 and Unlicense. */
const allowed = new Set([
  'MIT',
  'MIT-0',
  'Apache-2.0',
  'BSD-2-Clause',
  'BSD-3-Clause',
  'ISC',
  '0BSD',
  'Python-2.0',
  'PSF-2.0',
  'BlueOak-1.0.0',
  'Unlicense',
]);

/** An entry of package-lock.json, as far as it matters here. */
export interface LockedPackage {
  readonly dev?: boolean;
  readonly link?: boolean;
  readonly optional?: boolean;
  readonly license?: string;
}

/** What an installed package says of itself; old ones have a list of objects. */
export interface Manifest {
  readonly license?: string | { readonly type?: string };
  readonly licenses?: readonly { readonly type?: string }[];
}

/** Fails when a library that we ship or run on has a licence that nobody has judged. */
export async function checkLicences(): Promise<number> {
  const { packages } = JSON.parse(await readFile('package-lock.json', 'utf8')) as {
    readonly packages: Readonly<Record<string, LockedPackage>>;
  };
  const { checked, problems } = await judgeLicences(packages, readManifest);
  for (const problem of problems) console.error(`✗ ${problem}`);
  console.log(`licences: ${checked} production packages, ${problems.length} problems`);
  return problems.length === 0 ? 0 : 1;
}

/** Looks at every locked package that is not for development only, by what is installed. */
export async function judgeLicences(
  packages: Readonly<Record<string, LockedPackage>>,
  manifestOf: (folder: string) => Promise<Manifest | undefined>,
): Promise<{ readonly checked: number; readonly problems: readonly string[] }> {
  const production = Object.entries(packages).filter(
    ([folder, { dev, link }]) => folder.includes('node_modules/') && !dev && !link,
  );
  const problems: string[] = [];
  for (const [folder, locked] of production) {
    const manifest = await manifestOf(folder);
    // Those for other platforms are not installed here; the lockfile has what they said when they were locked.
    const licence = manifest ? licenceOf(manifest) : locked.optional ? locked.license : undefined;
    if (!manifest && !locked.optional) problems.push(`${folder} is locked but not installed`);
    else if (!licence) problems.push(`${folder} names no licence`);
    else if (!isAllowed(licence)) problems.push(`${folder} has the licence ${licence}, which is not on the list`);
  }
  return { checked: production.length, problems };
}

/** What a package says its licence is, an SPDX expression in most. */
export const licenceOf = ({ license, licenses = [] }: Manifest): string | undefined =>
  typeof license === 'string' ? license : (license?.type ?? licenses[0]?.type);

/** One of the alternatives must be allowed, with all its parts; nested expressions count as unknown. */
const isAllowed = (expression: string): boolean =>
  expression
    .replace(/^\((.*)\)$/, '$1')
    .split(' OR ')
    .some((alternative) => alternative.split(' AND ').every((licence) => allowed.has(licence)));

async function readManifest(folder: string): Promise<Manifest | undefined> {
  const text = await readFile(`${folder}/package.json`, 'utf8').catch(() => undefined);
  return text === undefined ? undefined : (JSON.parse(text) as Manifest);
}
