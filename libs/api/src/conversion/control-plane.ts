import { setAt, takeAt, valueAt, type JsonObject, type Path } from './json.ts';
import { renamed } from './generic-rules.ts';
import type { Hints, Rule } from './rule.ts';

const spellingKey = 'k0sVersion';

/**
 * v1beta1's `k0sVersion` is `version` under its old name. That it was written so is a hint, not an entry: a later change of
 * the version through v1beta2 must show under the name that the v1beta1 manifest uses, or its next apply would set both (SR-16).
 */
export function versionRule(base: Path): Rule {
  const [version, k0sVersion] = [
    [...base, 'version'],
    [...base, spellingKey],
  ];
  return {
    hints: (v1beta1): Hints => {
      const [plain, old] = [valueAt(v1beta1, version), valueAt(v1beta1, k0sVersion)];
      if (old === undefined || (plain !== undefined && plain !== old)) return {};
      return { [spellingKey]: plain === undefined ? 'alone' : 'beside' };
    },
    up: (draft) => {
      const old = takeAt(draft, k0sVersion);
      if (old !== undefined && valueAt(draft, version) === undefined) setAt(draft, version, old);
    },
    down: (draft, hints) => {
      const value = valueAt(draft, version);
      if (value === undefined || hints[spellingKey] === undefined) return;
      setAt(draft, k0sVersion, value);
      if (hints[spellingKey] === 'alone') takeAt(draft, version);
    },
    guards: [{ version: 'v1beta1', path: k0sVersion, belongsTo: [version] }],
  };
}

const status = (name: string): Path => ['status', name];
const [ready, readyReplicas, replicas] = [status('ready'), status('readyReplicas'), status('replicas')];
const [unavailable, available] = [status('unavailableReplicas'), status('availableReplicas')];
const [initialized, initialization] = [status('initialized'), status('initialization')];
const flag: Path = [...initialization, 'controlPlaneInitialized'];

/** v1beta1 says initialized twice; v1beta2 once. */
const initializedRule: Rule = {
  up: (draft) => {
    const value = takeAt(draft, initialized);
    if (value !== undefined) setAt(draft, flag, value);
  },
  down: (draft) => {
    const value = valueAt(draft, flag);
    if (value !== undefined) setAt(draft, initialized, value);
  },
  guards: [
    { version: 'v1beta1', path: initialized, belongsTo: [initialization] },
    { version: 'v1beta1', path: initialization, belongsTo: [initialization] },
  ],
};

/** v1beta1's `ready` only repeats a counter. */
const readyRule: Rule = {
  up: (draft) => void takeAt(draft, ready),
  down: (draft) => {
    const count = valueAt(draft, readyReplicas);
    if (typeof count === 'number') setAt(draft, ready, count > 0);
  },
  guards: [{ version: 'v1beta1', path: ready, belongsTo: [readyReplicas] }],
};

/** Replaces one counter by what it leaves of all replicas; without both numbers nothing can be said. */
function complement(draft: JsonObject, from: Path, to: Path): void {
  const [all, part] = [valueAt(draft, replicas), takeAt(draft, from)];
  if (typeof all === 'number' && typeof part === 'number') setAt(draft, to, all - part);
}

/** v1beta1 counts what is missing, v1beta2 what is there. */
const availableRule: Rule = {
  up: (draft) => complement(draft, unavailable, available),
  down: (draft) => complement(draft, available, unavailable),
  guards: [
    { version: 'v1beta1', path: unavailable, belongsTo: [available, replicas] },
    { version: 'v1beta2', path: available, belongsTo: [unavailable, replicas] },
  ],
};

/** Everything that differs in a control plane's status. */
export const controlPlaneStatusRules: readonly Rule[] = [
  initializedRule,
  readyRule,
  availableRule,
  renamed(status('updatedReplicas'), status('upToDateReplicas')),
];
