const hidden = '[redacted]';

/** Field names whose values never reach a log, whatever they hold; compared in lower case without `-` and `_`. */
const secretFields = new Set([
  'accesskey',
  'accesstoken',
  'authorization',
  'bootstrapdata',
  'bootstraptoken',
  'clientkey',
  'clientkeydata',
  'clientkeypem',
  'cloudconfig',
  'cookie',
  'credentials',
  'customuserdata',
  'data', // of Secrets, in any object that is logged whole
  'idtoken',
  'jointoken',
  'keydata',
  'keypem',
  'kubeconfig',
  'passphrase',
  'passwd',
  'password',
  'privatekey',
  'privatekeypem',
  'secretaccesskey',
  'secretkey',
  'sshkey',
  'sshprivatekey',
  'stringdata',
  'token',
  'tokensecret',
  'userdata',
]);

/** Secrets by their own shape. Each keeps what tells a reader which secret it was, and nothing of its worth. */
const shapes: readonly (readonly [pattern: RegExp, replacement: string])[] = [
  // An unfinished block (cut output) counts to its end.
  [/-----BEGIN ([A-Z0-9 ]*PRIVATE KEY)-----[\s\S]*?(?:-----END \1-----|$)/g, `[redacted $1]`],
  // One whose beginning is cut off, and the middle of one: lines full of base64.
  [
    /(?<![A-Za-z0-9+/=])(?:[A-Za-z0-9+/]+={0,2}[ \t]*\r?\n[ \t]*){1,120}-----END ([A-Z0-9 ]*PRIVATE KEY)-----/g,
    `[redacted $1]`,
  ],
  [/(?<![A-Za-z0-9+/=])(?:[A-Za-z0-9+/]{60,80}[ \t]*\r?\n[ \t]*)+[A-Za-z0-9+/]{4,80}={0,2}$/gm, hidden],
  [/AGE-SECRET-KEY-1[A-Z0-9]+/gi, hidden],
  // base64 of "-----BEGIN ", and of a gzip stream, which is what a k0s join token is
  [/LS0tLS1CRUdJTi[A-Za-z0-9+/=]+/g, hidden],
  [/H4sI[A-Za-z0-9+/_=-]{40,}/g, hidden],
  // bootstrap tokens: the id is public, the secret is not
  [/\b([a-z0-9]{6})\.[a-z0-9]{16}\b/g, `$1.${hidden}`],
  [/\beyJ[\w-]{8,}\.[\w-]+\.[\w-]*/g, hidden],
  [/\b(Bearer|Basic)\s+[\w.~+/=-]{6,}/gi, `$1 ${hidden}`],
  [/(\b[a-z][a-z0-9+.-]*:\/\/[^\s:@/]*):[^\s@/]+@/gi, `$1:${hidden}@`],
  [
    /((?:password|passwd|passphrase|token|token-secret|secret-?key|client-key-data|access-?key|api-?key)["']?\s*[=:]\s*["']?)(?!\[redacted)[^\s"',;&]{4,}/gi,
    `$1${hidden}`,
  ],
];

/** Whether any shape can be in the text at all: most lines are let through after this one look. */
const suspicious =
  /BEGIN|PRIVATE KEY|[A-Za-z0-9+/]{60}|CRUdJTi|H4sI|AGE-SECRET|eyJ|bearer|basic|:\/\/|pass|token|key|[a-z0-9]{6}\.[a-z0-9]{16}/i;

/** Hides private keys, tokens, passwords and kubeconfig keys inside any text, e.g. the last lines of a script's output. */
export function redactText(text: string): string {
  if (!suspicious.test(text)) return text;
  return shapes.reduce((clean, [pattern, replacement]) => clean.replace(pattern, replacement), text);
}

const deepest = 6;

/** A copy fit to be logged: secret fields hidden by name, every text by shape, errors as message and causes, depth bounded. */
export function redactFields(fields: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return redactObject(fields, 0);
}

function redactObject(object: object, depth: number): Record<string, unknown> {
  const clean: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(object)) {
    clean[name] = isSecretField(name) && value !== undefined ? hidden : redactValue(value, depth + 1);
  }
  return clean;
}

/** Kinds keep their capital in logs (`Secret: "ns/name"`) and name an object, so only other names are looked up. */
const isSecretField = (name: string): boolean => secretFields.has(name.toLowerCase().replace(/[-_]/g, ''));

function redactValue(value: unknown, depth: number): unknown {
  if (typeof value === 'string') return redactText(value);
  if (typeof value === 'bigint') return String(value);
  if (typeof value !== 'object' || value === null) return value;
  if (value instanceof Error) return describeError(value, depth);
  if (value instanceof Date) return value.toISOString();
  if (ArrayBuffer.isView(value)) return `[${value.byteLength} bytes]`;
  if (depth > deepest) return '[too deep]';
  if (Array.isArray(value)) return value.map((item) => redactValue(item, depth + 1));
  return redactObject(value, depth);
}

/** Messages of the whole chain of causes; own properties are left out, since they may hold requests and answers. */
function describeError(error: Error, depth: number): Record<string, unknown> {
  const { name, message, stack, cause } = error;
  return {
    name,
    message: redactText(message),
    ...(stack === undefined ? {} : { stack: redactText(stack) }),
    ...(cause instanceof Error && depth < deepest ? { cause: describeError(cause, depth + 1) } : {}),
  };
}
