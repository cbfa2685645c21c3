import { TerminalError } from '@k0smotron/core';

/** Values for `{{ a.b }}`; nested as cloud-init's instance data: `{ ds: { meta_data: { instance_id } }, v1: { … } }`. */
export type TemplateVariables = { readonly [name: string]: string | number | boolean | TemplateVariables };

/** First words of what cloud-init offers to templates. Other `{{ … }}` belong to somebody else (Helm, Prometheus). */
const cloudInitRoots = new Set([
  ...[
    'ds',
    'v1',
    'v2',
    'merged_cfg',
    'sys_info',
    'userdata',
    'vendordata',
    'instance_id',
    'local_hostname',
    'hostname',
  ],
  ...['region', 'availability_zone', 'cloud_name', 'cloud_id', 'platform', 'subplatform', 'distro', 'distro_release'],
]);

const unsupported = (what: string): TerminalError =>
  new TerminalError(
    'UnsupportedTemplate',
    `the bootstrap data's jinja template uses ${what}, which is not supported on remote machines; supported are ` +
      `{{ variables }}, | default('…'), {% set name = '…' %}, {% raw %} and {# comments #}`,
  );

/**
 * Renders what bootstrap data uses of Jinja as cloud-init would. `{{ … }}` whose first word is neither a variable nor known to
 * cloud-init stays as it is, so that templates for other programs pass through.
 *
 * @throws TerminalError for other statements, and for a cloud-init variable that is not known here.
 */
export function renderJinja(text: string, variables: TemplateVariables = {}): string {
  const known: Record<string, TemplateVariables[string]> = { ...variables };
  let out = '';
  let at = 0;
  while (at < text.length) {
    const next = text.slice(at).search(/\{[{%#]/);
    if (next < 0) break;
    out += text.slice(at, at + next);
    at += next;
    const { output, length } = tag(text, at, known);
    out += output;
    at += length;
  }
  return out + text.slice(at);
}

interface Rendered {
  readonly output: string;
  /** How much of the source it stands for. */
  readonly length: number;
}

function tag(text: string, at: number, known: Record<string, TemplateVariables[string]>): Rendered {
  const rest = text.slice(at);
  if (rest.startsWith('{#')) {
    const end = rest.indexOf('#}');
    // `${#name}` is the shell's.
    return text[at - 1] === '$' || end < 0 ? literal('{#') : { output: '', length: end + 2 };
  }
  return rest.startsWith('{%') ? statement(rest, known) : expression(rest, known);
}

const literal = (output: string): Rendered => ({ output, length: output.length });

function statement(rest: string, known: Record<string, TemplateVariables[string]>): Rendered {
  const raw = /^\{%[-+]?\s*raw\s*[-+]?%\}([\s\S]*?)\{%[-+]?\s*endraw\s*[-+]?%\}\n?/.exec(rest);
  if (raw) return { output: raw[1] ?? '', length: raw[0].length };
  const found = /^\{%[-+]?\s*(\w+)\s*([\s\S]*?)\s*[-+]?%\}\n?/.exec(rest);
  if (!found) return literal('{%');
  const [whole, word, argument = ''] = found;
  const set = word === 'set' ? /^(\w+)\s*=\s*([\s\S]*)$/.exec(argument) : null;
  if (!set) throw unsupported(`{% ${word} %}`);
  const value = stringLiteral(set[2] ?? '');
  // Lists and such may be set as long as nobody reads them.
  if (value !== undefined) known[set[1] ?? ''] = value;
  return { output: '', length: whole.length };
}

function expression(rest: string, known: Record<string, TemplateVariables[string]>): Rendered {
  const found = /^\{\{([\s\S]*?)\}\}/.exec(rest);
  if (!found) return literal('{{');
  const [whole, inside = ''] = found;
  const text = stringLiteral(inside.trim());
  if (text !== undefined) return { output: text, length: whole.length };

  const parts = /^\s*([A-Za-z_]\w*(?:\.\w+|\['[^']*'\]|\["[^"]*"\])*)\s*(?:\|\s*(?:default|d)\(([\s\S]*)\)\s*)?$/.exec(
    inside,
  );
  const root = /^\s*([A-Za-z_]\w*)/.exec(inside)?.[1] ?? '';
  if (!Object.hasOwn(known, root) && !cloudInitRoots.has(root)) return literal(whole);
  if (!parts) throw unsupported(whole);
  const value = lookUp(parts[1] ?? '', known) ?? stringLiteral(parts[2] ?? '');
  if (value === undefined) {
    throw new TerminalError(
      'UnknownTemplateVariable',
      `the bootstrap data needs ${parts[1]}, which a remote machine does not have; write the value, or {{ ${parts[1]} | default('…') }}`,
    );
  }
  return { output: value, length: whole.length };
}

function lookUp(path: string, known: Record<string, TemplateVariables[string]>): string | undefined {
  const names = path.replaceAll(/\[['"]([^'"]*)['"]\]/g, '.$1').split('.');
  let value: TemplateVariables[string] | undefined = known;
  for (const name of names) {
    value = typeof value === 'object' && Object.hasOwn(value, name) ? value[name] : undefined;
  }
  return value === undefined || typeof value === 'object' ? undefined : String(value);
}

function stringLiteral(text: string): string | undefined {
  const found = /^'((?:[^'\\]|\\[\s\S])*)'$/.exec(text.trim()) ?? /^"((?:[^"\\]|\\[\s\S])*)"$/.exec(text.trim());
  return found?.[1]?.replaceAll(/\\([\s\S])/g, (_whole, char: string) => ({ n: '\n', t: '\t' })[char] ?? char);
}

/** Whether cloud-init would read something as a variable of its own, or else choke on what is meant for others. */
export function jinjaUse(text: string): { readonly variables: boolean; readonly foreign: boolean } {
  const expressions = [...text.matchAll(/\{\{\s*([A-Za-z_]\w*)?[\s\S]*?(?:\}\}|$)/g)];
  const ours = expressions.filter((found) => found[1] !== undefined && cloudInitRoots.has(found[1]));
  return {
    variables: ours.length > 0 || /\{%[-+]?\s*(?:set|if|for|raw)\b/.test(text),
    foreign: ours.length < expressions.length || /\$\{#/.test(text),
  };
}
