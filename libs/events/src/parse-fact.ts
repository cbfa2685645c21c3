import type { Fact } from './fact.ts';

type JsonObject = Readonly<Record<string, unknown>>;

/**
 * Reads a message as a fact, or gives undefined when it is none. Only what a consumer needs to find the object is looked at;
 * fields of newer versions pass through. The sender is not authenticated: act on what Kubernetes says, not on this.
 */
export function parseFact(text: string): Fact | undefined {
  const event = jsonObject(parseJson(text));
  const data = jsonObject(event['data']);
  const object = jsonObject(data['object']);
  const { id, type } = event;
  const { service, fact } = data;
  const { kind, namespace, name, uid } = object;
  if (event['specversion'] !== '1.0' || typeof data['details'] !== 'object') return undefined;
  if (![id, type, service, fact, kind, namespace, name, uid].every((value) => typeof value === 'string'))
    return undefined;
  return event as unknown as Fact;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** The value when it is a JSON object, else an empty one. */
const jsonObject = (value: unknown): JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonObject) : {};
