/** One command-line flag; its environment fallback is `K0SMOTRON_` plus its name in capitals with underscores. */
export interface Flag<T> {
  /** Without dashes. */
  readonly name: string;
  readonly help: string;
  /** Shown in `--help`, e.g. `address`. */
  readonly value: string;
  readonly fallback: T;
  /** A flag that may stand alone. */
  readonly boolean?: true;
  /** @throws Error whose message completes "… must be". */
  parse(text: string): T;
}

/** The values of a group of flags, by the group's own property names. */
export type FlagValues<F> = { readonly [K in keyof F]: F[K] extends Flag<infer T> ? T : never };

/** A group of flags by property name. */
export type Flags = Readonly<Record<string, Flag<unknown>>>;

/** Free text; an empty default means "not given". */
export const textFlag = (name: string, fallback: string, help: string, value = 'string'): Flag<string> => ({
  name,
  help,
  value,
  fallback,
  parse: (text) => text,
});

/** `true` or `false`; alone it means true. */
export const booleanFlag = (name: string, fallback: boolean, help: string): Flag<boolean> => ({
  name,
  help,
  value: 'true|false',
  fallback,
  boolean: true,
  parse: (text) => {
    if (/^(true|t|1)$/i.test(text)) return true;
    if (/^(false|f|0)$/i.test(text)) return false;
    throw new Error('true or false');
  },
});

/** A whole number within bounds. */
export const integerFlag = (
  name: string,
  fallback: number,
  help: string,
  { min = 0, max = Number.MAX_SAFE_INTEGER }: { readonly min?: number; readonly max?: number } = {},
): Flag<number> => ({
  name,
  help,
  value: 'int',
  fallback,
  parse: (text) => {
    const value = /^-?\d+$/.test(text) ? Number(text) : Number.NaN;
    if (value >= min && value <= max) return value;
    throw new Error(
      max === Number.MAX_SAFE_INTEGER ? `a whole number from ${min}` : `a whole number from ${min} to ${max}`,
    );
  },
});

const unitMs: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

/** A duration in Go's spelling (`10m`, `1h30m`, `500ms`); its value is in milliseconds. */
export const durationFlag = (
  name: string,
  fallback: number,
  help: string,
  { min = 0 }: { readonly min?: number } = {},
): Flag<number> => ({
  name,
  help,
  value: 'duration',
  fallback,
  parse: (text) => {
    const parts = [...text.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h)/g)];
    if (parts.length === 0 || parts.map(([whole]) => whole).join('') !== text) {
      throw new Error('a duration such as 30s, 10m or 1h30m');
    }
    const value = parts.reduce((sum, [, amount, unit]) => sum + Number(amount) * (unitMs[unit ?? ''] ?? 0), 0);
    if (value < min) throw new Error(`at least ${min / 1000}s`);
    return value;
  },
});

/** `https://host` or `https://host:port`, nothing after it; empty when not given. */
export const originFlag = (name: string, help: string): Flag<string> => ({
  name,
  help,
  value: 'url',
  fallback: '',
  parse: (text) => {
    const url = URL.parse(text);
    if (url?.protocol !== 'https:' || `${url.origin}/` !== url.href) throw new Error('https://host:port');
    return url.origin;
  },
});

/** Where a listener binds. */
export interface ListenAddress {
  /** All interfaces when absent. */
  readonly host?: string;
  readonly port: number;
}

/** `host:port` or `:port`; `0` as the whole value switches the listener off, and port 0 takes any free one. */
export const addressFlag = (name: string, fallback: ListenAddress, help: string): Flag<ListenAddress | undefined> => ({
  name,
  help,
  value: 'host:port',
  fallback,
  parse: (text) => {
    if (text === '0') return undefined;
    const [, bracketed, plain, digits] = /^(?:\[([^\]]*)\]|([^:[\]]*)):(\d{1,5})$/.exec(text) ?? [];
    const port = Number(digits ?? Number.NaN);
    if (!(port <= 65_535)) throw new Error('host:port, :port, or 0 to switch it off');
    const host = bracketed ?? plain ?? '';
    return host === '' ? { port } : { host, port };
  },
});
