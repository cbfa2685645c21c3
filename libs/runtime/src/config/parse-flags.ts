import { messageOf } from '@k0smotron/core';
import { ConfigError } from '@k0smotron/kube';
import type { Flag, Flags, FlagValues } from './flag.ts';

const prefix = 'K0SMOTRON_';

/** Kubernetes adds variables for each Service of the namespace, e.g. for one named `k0smotron-webhook`. */
const serviceVariable = /_(SERVICE_HOST|SERVICE_PORT(_\w+)?|PORT(_\d+_(TCP|UDP|SCTP)(_\w+)?)?)$/;
const serviceUrl = /^(tcp|udp|sctp):\/\//;

/** Of this project's own tools, which may start a service with their whole environment. */
const toolVariable = /^K0SMOTRON_(CACHE|LAB_\w+|TEST_\w+)$/;

/** The environment fallback of a flag; `-v` reads `K0SMOTRON_V`. */
export const envNameOf = (flag: string): string => prefix + flag.toUpperCase().replaceAll('-', '_');

/**
 * Reads Go-style flags (`--name value`, `--name=value`, `--switch`, `--switch=false`, one dash as well), then the
 * environment, then the defaults.
 *
 * @throws ConfigError for anything unknown or ill-formed.
 */
export function parseFlags<F extends Flags>(
  flags: F,
  argv: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): FlagValues<F> {
  const given = readArguments(Object.values(flags), argv);
  const fromEnv = readEnvironment(Object.values(flags), env);
  const values = Object.entries(flags).map(([property, flag]) => {
    const setting = given.get(flag) ?? fromEnv.get(flag);
    return [property, setting === undefined ? flag.fallback : parseSetting(flag, setting)];
  });
  return Object.fromEntries(values) as FlagValues<F>;
}

/** A value as written, and where. */
interface Setting {
  readonly text: string;
  readonly where: string;
}

function parseSetting(flag: Flag<unknown>, { text, where }: Setting): unknown {
  try {
    return flag.parse(text);
  } catch (cause) {
    throw new ConfigError(`${where} must be ${messageOf(cause)}, not "${text}"`, { cause });
  }
}

function readArguments(flags: readonly Flag<unknown>[], argv: readonly string[]): Map<Flag<unknown>, Setting> {
  const byName = new Map(flags.map((flag) => [flag.name, flag]));
  const settings = new Map<Flag<unknown>, Setting>();
  for (let at = 0; at < argv.length; at += 1) {
    const argument = argv[at] ?? '';
    const [, name = '', inline] = /^--?([a-z][a-z0-9-]*)(?:=(.*))?$/s.exec(argument) ?? [];
    const flag = byName.get(name);
    if (!flag) throw new ConfigError(`unknown flag ${argument.replace(/=.*/s, '')}: see --help`);
    const text = inline ?? (flag.boolean ? 'true' : argv[(at += 1)]);
    if (text === undefined) throw new ConfigError(`flag ${argument} needs a value`);
    settings.set(flag, { text, where: name.length === 1 ? `-${name}` : `--${name}` });
  }
  return settings;
}

function readEnvironment(
  flags: readonly Flag<unknown>[],
  env: Readonly<Record<string, string | undefined>>,
): Map<Flag<unknown>, Setting> {
  const byName = new Map(flags.map((flag) => [envNameOf(flag.name), flag]));
  const settings = new Map<Flag<unknown>, Setting>();
  for (const [name, text] of Object.entries(env)) {
    if (!name.startsWith(prefix) || text === undefined || toolVariable.test(name)) continue;
    if (serviceVariable.test(name) && (serviceUrl.test(text) || !byName.has(name))) continue;
    const flag = byName.get(name);
    if (!flag) throw new ConfigError(`unknown environment variable ${name}: see --help`);
    settings.set(flag, { text, where: name });
  }
  return settings;
}
