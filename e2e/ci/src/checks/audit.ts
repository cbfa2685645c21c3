import { spawnSync } from 'node:child_process';

/** What `npm audit` came to. Where the registry has no such service, nothing is known, and that is said. */
export type AuditVerdict =
  | { readonly kind: 'clean' }
  | { readonly kind: 'vulnerable'; readonly findings: readonly string[] }
  | { readonly kind: 'not run'; readonly why: string };

interface AuditReport {
  /** The registry's or npm's own words, when there was no audit. */
  readonly message?: string;
  readonly error?: { readonly code?: string; readonly summary?: string };
  readonly vulnerabilities?: Readonly<Record<string, { readonly severity: string; readonly range: string }>>;
}

/** Fails when a production dependency has a known vulnerability. */
export function checkAudit(): Promise<number> {
  const { stdout } = spawnSync('npm', ['audit', '--omit=dev', '--json'], { encoding: 'utf8', timeout: 120_000 });
  const verdict = readAudit(stdout ?? '');
  if (verdict.kind === 'vulnerable') for (const finding of verdict.findings) console.error(`✗ ${finding}`);
  console.log(`audit: ${verdict.kind === 'not run' ? `not run: ${verdict.why}` : verdict.kind}`);
  return Promise.resolve(verdict.kind === 'vulnerable' ? 1 : 0);
}

/** Reads the output of `npm audit --json`, whose exit code does not tell an answer from a failure. */
export function readAudit(output: string): AuditVerdict {
  const report = parse(output);
  if (!report) return { kind: 'not run', why: 'npm audit gave no report' };
  if (!report.vulnerabilities) return { kind: 'not run', why: whyNot(report) };
  const findings = Object.entries(report.vulnerabilities).map(
    ([name, { severity, range }]) => `${name} ${range}: ${severity}`,
  );
  return findings.length === 0 ? { kind: 'clean' } : { kind: 'vulnerable', findings };
}

function whyNot({ message, error }: AuditReport): string {
  // "405 Method Not Allowed - POST <URL>": which registry it was is nobody's business.
  const words = message?.split(' - ')[0] || error?.summary || error?.code || 'no answer';
  return `no audit service answered (${words})`;
}

function parse(output: string): AuditReport | undefined {
  try {
    return JSON.parse(output) as AuditReport;
  } catch {
    return undefined;
  }
}
