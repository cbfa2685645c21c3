import { gunzipSync } from 'node:zlib';
import { TerminalError } from '@k0smotron/core';
import type { HostFile } from '../plan.ts';

const known = new Set(['path', 'content', 'encoding', 'owner', 'permissions', 'append', 'defer']);

/** One entry of `write_files`; `defer` moves it behind the others. */
export function toHostFile(entry: unknown, at: number): { readonly file: HostFile; readonly defer: boolean } {
  const name = `write_files[${at}]`;
  if (typeof entry !== 'object' || entry === null) throw malformed(name, 'is not a mapping');
  const fields = entry as Record<string, unknown>;
  const { path, owner, append, defer } = fields;
  if (typeof path !== 'string' || !path.startsWith('/')) throw malformed(name, 'needs an absolute path');
  const others = Object.keys(fields).filter((key) => !known.has(key));
  if (others.length > 0) throw malformed(`${name} (${path})`, `has ${others.join(', ')}, which is not supported`);
  return {
    file: {
      path,
      content: decode(fields['content'] ?? '', fields['encoding'], `${name} (${path})`),
      ...permissionsOf(fields['permissions'], `${name} (${path})`),
      ...(typeof owner === 'string' && owner !== '' ? { owner } : {}),
      ...(append === true ? { append: true } : {}),
    },
    defer: defer === true,
  };
}

const malformed = (name: string, what: string): TerminalError =>
  new TerminalError('MalformedBootstrapData', `${name} in the bootstrap data ${what}`);

function scalarText(value: unknown, name: string): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  throw malformed(name, 'has a list or mapping where text belongs');
}

/** A number is a mode already (YAML 1.1 reads 0644 as octal); text is octal digits. */
function permissionsOf(value: unknown, name: string): { permissions?: string } {
  if (value === undefined || value === null || value === '') return {};
  const text =
    typeof value === 'number' ? value.toString(8).padStart(4, '0') : scalarText(value, name).replace(/^0o/, '0');
  if (!/^[0-7]{1,5}$/.test(text) || Number.parseInt(text, 8) > 0o7777) {
    throw malformed(name, `has permissions '${text}', which is not an octal mode such as '0600'`);
  }
  return { permissions: text };
}

/** @throws TerminalError naming the encoding when it is unknown or the content does not fit it. */
function decode(content: unknown, encoding: unknown, name: string): string | Uint8Array {
  const raw = content instanceof Uint8Array ? content : scalarText(content, name);
  const steps = encodings.get(
    scalarText(encoding ?? '', name)
      .toLowerCase()
      .trim(),
  );
  if (!steps) throw malformed(name, `has the unknown encoding '${scalarText(encoding, name)}'`);
  let bytes = typeof raw === 'string' ? Buffer.from(raw, 'utf8') : Buffer.from(raw);
  if (steps.base64) {
    const text = bytes.toString('latin1').replaceAll(/\s/g, '');
    if (!/^[A-Za-z0-9+/]*={0,2}$/.test(text)) throw malformed(name, 'has content that is not base64');
    bytes = Buffer.from(text, 'base64');
  }
  if (steps.gzip) {
    try {
      bytes = gunzipSync(bytes, { maxOutputLength: 256 * 1024 * 1024 });
    } catch (cause) {
      throw new TerminalError('MalformedBootstrapData', `${name} in the bootstrap data has content that is not gzip`, {
        cause,
      });
    }
  }
  return steps.base64 || steps.gzip ? bytes : raw;
}

const encodings = new Map<string, { readonly base64?: true; readonly gzip?: true }>([
  ...['', 'text/plain'].map((it) => [it, {}] as const),
  ...['b64', 'base64'].map((it) => [it, { base64: true }] as const),
  ...['gz', 'gzip'].map((it) => [it, { gzip: true }] as const),
  ...['gz+b64', 'gz+base64', 'gzip+b64', 'gzip+base64'].map((it) => [it, { base64: true, gzip: true }] as const),
]);
