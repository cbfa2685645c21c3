/** `var import_ssh2 = __toESM(require_lib3(), 1);`: how esbuild hands a CommonJS library to one of our modules. */
const handOver = /^var (\w+) = (__toESM\(require_\w+\(\)(?:, 1)?\));$/;

/** A name for a library, and the module in which it means it; everywhere when esbuild made the name up. */
interface Library {
  readonly name: string;
  readonly module?: string;
}

/**
 * Lets a bundle of esbuild (CommonJS, not minified) load each CommonJS library at its first use instead of at start, as
 * Babel's `lazy` does for its own output. A library that is imported for its effect alone is loaded at start as before.
 * Lines stay where they are, so source maps stay true.
 *
 * @param modules the bundle's inputs as esbuild names them; a comment with such a name begins a part of that module.
 */
export function withLazyImports(code: string, modules: ReadonlySet<string>): string {
  const lines = code.split('\n');
  const moduleOf = modulesOf(lines, modules);
  for (const [at, line] of lines.entries()) {
    const [, name, load] = handOver.exec(line) ?? [];
    if (name === undefined || load === undefined) continue;
    const module = name.startsWith('import_') ? undefined : moduleOf[at];
    const used = useLazily(lines, { name, module }, moduleOf);
    if (used) lines[at] = `var ${name}_; function ${name}() { return ${name}_ ??= ${load}; }`;
  }
  return lines.join('\n');
}

/** The module of each line. Its imports and its code can be two parts. */
function modulesOf(lines: readonly string[], modules: ReadonlySet<string>): readonly string[] {
  let present = '';
  return lines.map((line) => {
    if (line.startsWith('// ') && modules.has(line.slice(3))) present = line.slice(3);
    return present;
  });
}

/** Tells whether there was any use. In brackets, since `new f().Class()` would make an `f`. */
function useLazily(lines: string[], { name, module }: Library, moduleOf: readonly string[]): boolean {
  const use = new RegExp(`(?<![\\w$.])${name}(?=\\.)`, 'g');
  let used = false;
  for (const [at, line] of lines.entries()) {
    if (module !== undefined && moduleOf[at] !== module) continue;
    lines[at] = line.replace(use, `(${name}())`);
    used ||= lines[at] !== line;
  }
  return used;
}
