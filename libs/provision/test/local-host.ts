import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CommandRunner } from '../src/index.ts';

/** This machine as a host: sessions run real shells, and can be cut. */
export interface LocalHost extends CommandRunner {
  readonly dir: string;
  /** Ends all sessions as a lost connection does: hang-up to what they run, no exit code. */
  cut(): void;
  remove(): void;
}

/** Tools that a host may have. */
export type Flavour = 'dash' | 'bash' | 'busybox' | 'busybox without flock and setsid';

export function localHost(flavour: Flavour = 'dash'): LocalHost {
  const dir = mkdtempSync(join(tmpdir(), 'journal-'));
  const bin = join(dir, 'bin');
  mkdirSync(bin);
  const path = pathOf(flavour, bin);
  const sessions = new Set<ChildProcess>();

  return {
    dir,
    run: (command, options = {}, signal) =>
      new Promise((resolve, reject) => {
        const child = spawn(join(bin, 'sh'), ['-c', command], { env: { PATH: path, HOME: '/root' }, detached: true });
        sessions.add(child);
        let stdout = '';
        let stderr = '';
        let rest = '';
        child.stdout.on('data', (chunk: Buffer) => {
          stdout += chunk.toString();
          const lines = (rest + chunk.toString()).split('\n');
          rest = lines.pop() ?? '';
          for (const line of lines) options.onLine?.(line);
        });
        child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
        child.stdin.on('error', () => undefined);
        child.stdin.end(options.stdin ?? '');
        signal?.addEventListener('abort', () => {
          hangUp(child);
          reject(signal.reason as Error);
        });
        child.once('close', (code) => {
          sessions.delete(child);
          resolve({ code: code ?? undefined, stdout, stderr });
        });
      }),
    cut: () => {
      for (const child of sessions) hangUp(child);
    },
    remove: () => rmSync(dir, { recursive: true, force: true }),
  };
}

function hangUp(child: ChildProcess): void {
  child.stdout?.destroy();
  child.stderr?.destroy();
  try {
    process.kill(-(child.pid ?? 0), 'SIGHUP');
  } catch {
    // It has ended.
  }
}

/** Puts the flavour's `sh` first; busybox comes with nothing but its own applets. */
function pathOf(flavour: Flavour, bin: string): string {
  if (flavour === 'dash' || flavour === 'bash') {
    symlinkSync(execFileSync('which', [flavour], { encoding: 'utf8' }).trim(), join(bin, 'sh'));
    return `${bin}:/usr/sbin:/usr/bin:/sbin:/bin`;
  }
  const busybox = execFileSync('which', ['busybox'], { encoding: 'utf8' }).trim();
  const missing = flavour === 'busybox' ? [] : ['flock', 'setsid'];
  for (const applet of execFileSync(busybox, ['--list'], { encoding: 'utf8' }).trim().split('\n')) {
    if (!missing.includes(applet)) symlinkSync(busybox, join(bin, applet));
  }
  return bin;
}
