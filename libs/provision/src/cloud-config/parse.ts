import { TerminalError } from '@k0smotron/core';
import { loadAll, Schema, YAML11_SCHEMA, YAMLException } from 'js-yaml';
import type { BootstrapPlan, HostCommand, HostFile } from '../plan.ts';
import { renderJinja, type TemplateVariables } from './jinja.ts';
import { toHostFile } from './write-file.ts';

const jinjaHeader = /^##\s*template:\s*jinja[ \t]*\r?\n/i;
/** Says only what cloud-init prints at its end, so leaving it out changes nothing. */
const harmless = new Set(['final_message', 'output']);
const executed = ['write_files', 'runcmd', 'bootcmd'];

/** cloud-init reads YAML 1.1 (octal 0644, yes, !!binary); dates stay text, since a Date has lost its spelling. */
const schema = new Schema(YAML11_SCHEMA.tags.filter(({ tagName }) => !tagName.endsWith(':timestamp')));

/**
 * Reads bootstrap data as cloud-init would: the jinja header, `#cloud-config` documents (also several, whose lists are joined),
 * or a script (`#!…`). Never executes less than it was given.
 *
 * @throws TerminalError that names what is malformed or not supported; never quotes the data.
 */
export function parseCloudConfig(text: string, variables: TemplateVariables = {}): BootstrapPlan {
  const plain = text.replace(/^\uFEFF/, '');
  const source = jinjaHeader.test(plain) ? renderJinja(plain.replace(jinjaHeader, ''), variables) : plain;
  if (source.startsWith('#!')) return scriptPlan(source);
  if (/^(?:mime-version|content-type):/im.test(source.slice(0, 500)) && !/^#cloud-config/m.test(source.slice(0, 50))) {
    throw unsupported('multi-part MIME data');
  }

  const modules = source
    .split(/^#cloud-config[ \t]*\r?$/m)
    .flatMap((part) => documentsOf(part))
    .map((document) => supportedModules(document));
  if (modules.length === 0) throw malformed('holds no cloud-config document');
  const files = modules
    .flatMap((it) => listOf(it['write_files'], 'write_files'))
    .map((entry, at) => toHostFile(entry, at));
  return {
    // Deferred files come after all others, as in cloud-init's final stage.
    files: [...files.filter((it) => !it.defer), ...files.filter((it) => it.defer)].map((it) => it.file),
    commands: modules.flatMap((it) => commandsOf(it['runcmd'], 'runcmd')),
    earlyCommands: modules.flatMap((it) => commandsOf(it['bootcmd'], 'bootcmd')),
  };
}

const malformed = (what: string): TerminalError =>
  new TerminalError(
    'MalformedBootstrapData',
    `the bootstrap data ${what}; it must be cloud-config with write_files and runcmd`,
  );

const unsupported = (what: string): TerminalError =>
  new TerminalError(
    'UnsupportedBootstrapData',
    `${what} cannot be executed on a remote machine; supported are ${executed.join(', ')}: do the rest by commands in runcmd`,
  );

function documentsOf(part: string): unknown[] {
  try {
    return loadAll(part, { schema }).filter((document) => document !== null && document !== undefined);
  } catch (cause) {
    // The exception's own message shows the lines around, which may hold secrets.
    const where =
      cause instanceof YAMLException ? `${cause.reason}, line ${(cause.mark?.line ?? 0) + 1}` : 'unreadable';
    throw malformed(`is not YAML (${where})`);
  }
}

function supportedModules(document: unknown): Record<string, unknown> {
  if (typeof document !== 'object' || document === null || Array.isArray(document))
    throw malformed('is not a YAML mapping');
  const others = Object.keys(document).filter((key) => !executed.includes(key) && !harmless.has(key));
  if (others.length > 0) throw unsupported(`cloud-config ${others.sort().join(', ')}`);
  return document as Record<string, unknown>;
}

function listOf(value: unknown, name: string): readonly unknown[] {
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value)) throw malformed(`has a ${name} that is not a list`);
  return value;
}

function commandsOf(value: unknown, name: string): HostCommand[] {
  return listOf(value, name)
    .filter((item) => item !== null)
    .map((item, at) => {
      if (isScalar(item)) return String(item);
      if (Array.isArray(item) && item.length > 0 && item.every((it) => isScalar(it) || it === null)) {
        return item.map((word) => (word === null ? '' : String(word)));
      }
      throw malformed(`has a ${name}[${at}] that is neither a string nor a list of strings`);
    });
}

const isScalar = (value: unknown): value is string | number | boolean =>
  ['string', 'number', 'boolean'].includes(typeof value);

/** cloud-init keeps user scripts in this file and runs them once. */
function scriptPlan(content: string): BootstrapPlan {
  const script: HostFile = { path: '/var/lib/cloud/instance/scripts/part-001', content, permissions: '0700' };
  return { files: [script], commands: [[script.path]] };
}
