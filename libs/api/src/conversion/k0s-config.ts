import { fieldOf, isObject, objectAt, setAt, takeAt, type JsonObject, type Path } from './json.ts';
import { onlyInV1beta2, renamed } from './generic-rules.ts';
import type { Rule } from './rule.ts';

/**
 * The object that v1beta1 has no place for, made complete: with the schema's defaults, because a stored object without them
 * would change when it is next written, and with it the resourceVersion (SR-16).
 */
function provisionerOf(config: JsonObject): JsonObject | undefined {
  const { ignition, customUserDataRef } = config;
  if (ignition === undefined && customUserDataRef === undefined) return undefined;
  return {
    type: ignition === undefined ? 'cloud-config' : 'ignition',
    platform: 'linux',
    ...(ignition !== undefined && { ignition }),
    ...(customUserDataRef !== undefined && { customUserDataRef }),
  };
}

/** `ignition` and `customUserDataRef` of v1beta1 live in `provisioner` in v1beta2, where there is more to say. */
function output(base: Path): Rule {
  const ignition = [...base, 'ignition'];
  const userData = [...base, 'customUserDataRef'];
  const provisioner = [...base, 'provisioner'];
  return {
    up: (draft) => {
      const made = provisionerOf(objectAt(draft, base) ?? {});
      takeAt(draft, ignition);
      takeAt(draft, userData);
      if (made !== undefined) setAt(draft, provisioner, made);
    },
    down: (draft) => {
      const before = takeAt(draft, provisioner);
      const user = fieldOf(before, 'customUserDataRef');
      const spec = fieldOf(before, 'ignition');
      if (fieldOf(before, 'type') === 'ignition' && isObject(spec)) setAt(draft, ignition, spec);
      if (user !== undefined) setAt(draft, userData, user);
    },
    guards: [
      { version: 'v1beta2', path: provisioner, belongsTo: [ignition, userData] },
      { version: 'v1beta2', path: [...provisioner, 'type'], belongsTo: [ignition] },
      { version: 'v1beta2', path: [...provisioner, 'ignition'], belongsTo: [ignition] },
      { version: 'v1beta2', path: [...provisioner, 'platform'], belongsTo: [] },
    ],
  };
}

/** Everything that differs in a bootstrap configuration found at `base`. */
export const configRules = (base: Path): readonly Rule[] => [
  output(base),
  renamed([...base, 'preStartCommands'], [...base, 'preK0sCommands']),
  renamed([...base, 'postStartCommands'], [...base, 'postK0sCommands']),
];

/** A controller's configuration: v1beta1 has no `secretMetadata` there. */
export const controllerConfigRules = (base: Path): readonly Rule[] => [
  ...configRules(base),
  onlyInV1beta2([...base, 'secretMetadata']),
];

const bareRules = controllerConfigRules([]);

/**
 * A K0sConfigSpec of v1beta1 as v1beta2 says it, for texts that are outside of objects: control-plane Machines made by
 * older versions carry one in an annotation, and reading it wrongly would replace them. The input is not changed.
 */
export function k0sConfigSpecToV1beta2(v1beta1: Readonly<JsonObject>): JsonObject {
  const draft = { ...v1beta1 };
  for (const rule of bareRules) rule.up(draft);
  return draft;
}
