import { objectAt, setAt, takeAt, valueAt, type Path } from './json.ts';
import type { Rule } from './rule.ts';

/** Moves a value in place; what is absent stays absent. */
function move(draft: Record<string, unknown>, from: Path, to: Path): void {
  if (valueAt(draft, from) === undefined) return;
  setAt(draft, to, takeAt(draft, from));
}

/** Takes out an object that has nothing in it. */
function dropEmpty(draft: Record<string, unknown>, path: Path): void {
  const found = objectAt(draft, path);
  if (found !== undefined && Object.keys(found).length === 0) takeAt(draft, path);
}

/** The same field under two names. */
export const renamed = (v1beta1: Path, v1beta2: Path): Rule => ({
  up: (draft) => move(draft, v1beta1, v1beta2),
  down: (draft) => move(draft, v1beta2, v1beta1),
  guards: [
    { version: 'v1beta1', path: v1beta1, belongsTo: [v1beta2] },
    { version: 'v1beta2', path: v1beta2, belongsTo: [v1beta1] },
  ],
});

/** A field that v1beta1 does not have: it comes back whatever else was changed. */
export const onlyInV1beta2 = (path: Path): Rule => ({
  up: () => undefined,
  down: (draft) => void takeAt(draft, path),
  guards: [{ version: 'v1beta2', path, belongsTo: [] }],
});

/** A v1beta1 field that v1beta2 nests in objects of its own, for example `ready` in `initialization.provisioned`. */
export const nested = (v1beta1: Path, v1beta2: Path): Rule => {
  const outer = v1beta2.slice(0, v1beta1.length);
  return {
    up: (draft) => move(draft, v1beta1, v1beta2),
    down: (draft) => {
      move(draft, v1beta2, v1beta1);
      for (let depth = v1beta2.length - 1; depth >= outer.length; depth -= 1) {
        dropEmpty(draft, v1beta2.slice(0, depth));
      }
    },
    guards: [{ version: 'v1beta2', path: outer, belongsTo: [v1beta1] }],
  };
};
