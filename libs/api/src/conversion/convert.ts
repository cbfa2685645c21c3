import { load, unload, type Carrier } from './carrier.ts';
import { entriesFor, restoreEntries } from './difference.ts';
import type { JsonObject } from './json.ts';
import { rulesByKind } from './rules.ts';
import type { Guard, Hints, Rule, VersionName } from './rule.ts';

interface Direction {
  readonly from: VersionName;
  readonly to: VersionName;
  readonly rules: readonly Rule[];
  readonly guards: readonly Guard[];
}

/** What of an object may differ between versions: everything but its type. */
function contentOf({ apiVersion: _apiVersion, kind: _kind, ...content }: JsonObject, metadata: unknown): JsonObject {
  return { ...content, metadata };
}

function mapTo(to: VersionName, content: JsonObject, rules: readonly Rule[], hints: Hints = {}): JsonObject {
  const draft = { ...content };
  for (const rule of rules) {
    if (to === 'v1beta2') rule.up(draft);
    else rule.down(draft, hints);
  }
  return draft;
}

const hintsOf = (content: JsonObject, rules: readonly Rule[]): Hints =>
  Object.assign({}, ...rules.map((rule) => rule.hints?.(content) ?? {})) as Hints;

/** The content in the other version, and what has to travel with it. */
function convertContent(content: JsonObject, carried: Carrier | undefined, { from, to, rules, guards }: Direction) {
  const mapped = mapTo(to, content, rules, carried?.hints);
  restoreEntries(mapped, carried?.entries ?? [], { version: to, guards, other: content });
  const hints = from === 'v1beta1' ? hintsOf(content, rules) : {};
  const found = mapTo(from, mapped, rules, hints);
  const entries = entriesFor({ version: from, guards, wanted: content, found, other: mapped });
  return { mapped, carrier: { for: from, ...(Object.keys(hints).length > 0 && { hints }), entries } };
}

function splitApiVersion(apiVersion: unknown): { group: string; version: string } {
  const [group = '', version = ''] = String(apiVersion).split('/');
  return { group, version };
}

const isVersionName = (version: string): version is VersionName => version === 'v1beta1' || version === 'v1beta2';

/**
 * One of our objects in another of its versions: pure, on raw JSON, and lossless. What the other version cannot say
 * travels in one annotation, with a fingerprint of what it belongs to; when the user has changed that since, the object as
 * the user left it wins (SR-15). Versions keep the name they were written under (SR-16). Throws on kinds and versions that
 * are not ours.
 */
export function convert(object: JsonObject, toApiVersion: string): JsonObject {
  const { group, version: from } = splitApiVersion(object['apiVersion']);
  const { group: toGroup, version: to } = splitApiVersion(toApiVersion);
  const kind = String(object['kind']);
  if (object['apiVersion'] === toApiVersion) return object;
  const rules = rulesByKind.get(`${kind}.${group}`);
  if (rules === undefined || group !== toGroup || !isVersionName(from) || !isVersionName(to)) {
    throw new Error(`cannot convert ${kind} from ${String(object['apiVersion'])} to ${toApiVersion}`);
  }
  const guards = rules.flatMap((rule) => rule.guards ?? []);
  const { metadata, carrier: carried } = unload(object['metadata'], to);
  const { mapped, carrier } = convertContent(contentOf(object, metadata), carried, { from, to, rules, guards });
  return { ...mapped, apiVersion: toApiVersion, kind, metadata: load(mapped['metadata'], carrier) };
}
