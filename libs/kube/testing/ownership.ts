import { ConflictError } from '../src/errors.ts';
import { leavesOf, removeLeaf, setLeaf, type FieldPath } from './owned-paths.ts';

type Json = Record<string, unknown>;

/** Who owns which fields of one object, as `managedFields` tells on a real server. */
export class Ownership {
  readonly #owned = new Map<string, Set<FieldPath>>();

  /**
   * Server-side apply: sets the intent's fields, drops those that this manager applied before and nobody else owns.
   *
   * @returns whether object or ownership changed.
   * @throws ConflictError without `force`, when another manager owns a field with another value.
   */
  apply(live: Json, intent: Json, manager: string, force: boolean): boolean {
    const before = JSON.stringify(live);
    const wanted = leavesOf(intent);
    const now = leavesOf(live);
    const previous = this.#owned.get(manager) ?? new Set<FieldPath>();
    for (const [path, leaf] of wanted) {
      if (JSON.stringify(now.get(path)) === JSON.stringify(leaf)) continue;
      const others = this.#othersOf(manager, path);
      if (others.length > 0 && !force && now.has(path)) {
        throw new ConflictError(409, 'Conflict', `apply: conflict with ${others.join(', ')} on ${path}`);
      }
      for (const other of others) this.#owned.get(other)?.delete(path);
      setLeaf(live, path, leaf);
    }
    for (const path of keysLast(previous)) {
      if (!wanted.has(path) && this.#othersOf(manager, path).length === 0) removeLeaf(live, path);
    }
    const next = new Set(wanted.keys());
    this.#owned.set(manager, next);
    return (
      JSON.stringify(live) !== before ||
      [...next].some((path) => !previous.has(path)) ||
      [...previous].some((path) => !next.has(path))
    );
  }

  /** Any other write: what it changed becomes the writer's, what it removed is nobody's. */
  update(before: Json, after: Json, manager: string): void {
    const was = leavesOf(before);
    const is = leavesOf(after);
    const mine = this.#owned.get(`update ${manager}`) ?? new Set<FieldPath>();
    for (const path of was.keys()) if (!is.has(path)) for (const owned of this.#owned.values()) owned.delete(path);
    for (const [path, leaf] of is) {
      if (JSON.stringify(was.get(path)) === JSON.stringify(leaf)) continue;
      for (const owned of this.#owned.values()) owned.delete(path);
      mine.add(path);
    }
    this.#owned.set(`update ${manager}`, mine);
  }

  #othersOf(manager: string, path: FieldPath): string[] {
    return [...this.#owned].filter(([name, paths]) => name !== manager && paths.has(path)).map(([name]) => name);
  }
}

/** Removals in an order in which an item of a keyed list can be found until its last field goes. */
function keysLast(paths: ReadonlySet<FieldPath>): FieldPath[] {
  const isKey = (path: FieldPath): boolean => /\[(\w+)=[^"]*\]","\.\1"\]$/.test(path);
  return [...paths].sort((a, b) => Number(isKey(a)) - Number(isKey(b)));
}
