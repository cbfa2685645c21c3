import { toCrd, type KindDeclaration } from '@k0smotron/crd';
import { dump } from 'js-yaml';
import { yamlHeader } from './header.ts';

/** JSON as YAML: no anchors, no folded lines, keys in the order of the declaration. */
const toYaml = (value: unknown): string => dump(value, { noRefs: true, lineWidth: -1 });

/** The CRD files by name: `<group>_<plural>.yaml`. */
export function renderCrds(declarations: readonly KindDeclaration[]): Map<string, string> {
  return new Map(
    declarations.map((declaration) => [
      `${declaration.group}_${declaration.plural}.yaml`,
      yamlHeader + toYaml(toCrd(declaration)),
    ]),
  );
}
