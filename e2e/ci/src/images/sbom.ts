import { readFile } from 'node:fs/promises';
import { licenceOf, type Manifest } from '../checks/licences.ts';

/** A part of something, as CycloneDX names it. */
export interface Component {
  readonly type: 'application' | 'container' | 'library' | 'platform';
  readonly 'bom-ref': string;
  readonly name: string;
  readonly version: string;
  readonly purl?: string;
  readonly licenses?: readonly { readonly expression: string }[];
}

/** A bill of materials in CycloneDX 1.6, without time and serial number: the same parts give the same file. */
export interface Sbom {
  readonly $schema: string;
  readonly bomFormat: 'CycloneDX';
  readonly specVersion: '1.6';
  readonly version: 1;
  readonly metadata: { readonly component: Component };
  readonly components: readonly Component[];
}

/** What esbuild says of an output file: how many bytes of it each input became. */
export type OutputInputs = Readonly<Record<string, { readonly bytesInOutput: number }>>;

/** The npm packages that a bundle holds code of, each with its version and licence. Ours are the bundle itself. */
export async function sbomOfBundle(app: string, inputs: OutputInputs): Promise<Sbom> {
  const name = `k0smotron-ts-${app}`;
  const components = await Promise.all(packageFolders(inputs).map(componentOf));
  const unique = new Map(components.map((component) => [component['bom-ref'], component]));
  return sbom(
    { type: 'application', 'bom-ref': name, name, version: '0.0.0' },
    [...unique.values()].sort((a, b) => (a['bom-ref'] < b['bom-ref'] ? -1 : 1)),
  );
}

/** The same for an image of a bundle: under the image's name and tag, and with the Node of its base. */
export const sbomOfImage = (
  { components }: Sbom,
  { repository, tag, node }: { readonly repository: string; readonly tag: string; readonly node: string },
): Sbom =>
  sbom({ type: 'container', 'bom-ref': `${repository}:${tag}`, name: repository, version: tag }, [
    component('platform', 'node', node, 'generic'),
    ...components,
  ]);

const sbom = (subject: Component, components: readonly Component[]): Sbom => ({
  $schema: 'http://cyclonedx.org/schema/bom-1.6.schema.json',
  bomFormat: 'CycloneDX',
  specVersion: '1.6',
  version: 1,
  metadata: { component: subject },
  components,
});

/** Folders of the packages whose code came through, not of those that were only looked at. */
export function packageFolders(inputs: OutputInputs): readonly string[] {
  const folders = Object.entries(inputs).flatMap(([file, { bytesInOutput }]) => {
    const folder = /^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+(?=\/)/.exec(file)?.[0];
    return folder && bytesInOutput > 0 ? [folder] : [];
  });
  return [...new Set(folders)].sort();
}

async function componentOf(folder: string): Promise<Component> {
  const manifest = JSON.parse(await readFile(`${folder}/package.json`, 'utf8')) as Manifest & {
    readonly name: string;
    readonly version: string;
  };
  const expression = licenceOf(manifest);
  return {
    ...component('library', manifest.name, manifest.version, 'npm'),
    ...(expression ? { licenses: [{ expression }] } : {}),
  };
}

/** With its package URL, by which scanners know it. */
function component(type: Component['type'], name: string, version: string, registry: 'npm' | 'generic'): Component {
  const purl = `pkg:${registry}/${name.replace(/^@/, '%40')}@${version}`;
  return { type, 'bom-ref': purl, name, version, purl };
}
