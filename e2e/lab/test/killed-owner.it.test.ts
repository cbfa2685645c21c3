import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join } from 'node:path';

import { afterEach, describe, expect, it } from '@jest/globals';

import { openLab, sweep } from '../src/index.ts';
import { labsDir } from '../src/paths.ts';
import { identityOf } from '../src/process-identity.ts';
import { processMarker } from '../src/kill.ts';
import { record, recordStarted } from '../src/journal.ts';
import { pictureOf } from './host-picture.ts';

const victims: ChildProcess[] = [];
const phases = ['opened', 'control-plane', 'nats', ...(process.getuid?.() === 0 ? ['host'] : [])];

afterEach(async () => {
  for (const victim of victims.splice(0)) victim.kill('SIGKILL');
  await sweep();
});

/** Starts a victim and resolves when it has said the phase. */
async function victimIn(name: string, phase: string): Promise<ChildProcess> {
  const victim = spawn(process.execPath, [join(import.meta.dirname, 'victim.ts'), name, phase], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  victims.push(victim);
  await new Promise<void>((resolve, reject) => {
    let said = '';
    victim.stdout?.on('data', (chunk: Buffer) => {
      said += chunk.toString();
      if (said.split('\n').includes(phase)) resolve();
    });
    victim.once('exit', (code) => reject(new Error(`the victim ended with ${code} before ${phase}`)));
  });
  return victim;
}

const died = (child: ChildProcess): Promise<void> => new Promise((resolve) => child.once('exit', () => resolve()));

describe('a lab whose owner was killed', () => {
  it.each(phases)('leaves nothing behind after a sweep: killed in phase %s', async (phase) => {
    const name = `t-${randomBytes(3).toString('hex')}`;
    const dir = join(labsDir(), name);
    const before = await pictureOf(dir);

    const victim = await victimIn(name, phase);
    const during = await pictureOf(dir);
    const gone = died(victim);
    victim.kill('SIGKILL');
    await gone;
    await sweep();

    expect(existsSync(dir)).toBe(false);
    expect(await pictureOf(dir)).toEqual(before);
    if (phase !== 'opened') expect(during.processes.length).toBeGreaterThanOrEqual(2);
    if (phase === 'host')
      expect({ ...during, processes: [], claims: [] }).not.toEqual({ ...before, processes: [], claims: [] });
  });

  it('is not swept while its owner lives', async () => {
    const name = `t-${randomBytes(3).toString('hex')}`;
    await victimIn(name, 'opened');
    await sweep();
    expect(existsSync(join(labsDir(), name))).toBe(true);
  });

  it('ends a process whose pid was never written down, with its children', async () => {
    const lab = await openLab();
    const id = record(lab.dir, { kind: 'process', name: 'unwritten', command: 'sh' });
    const child = spawn('sh', ['-c', 'sleep 600 & wait'], {
      env: { ...process.env, [processMarker]: id },
      stdio: 'ignore',
    });
    const gone = died(child);
    await lab.close();
    await gone;
    expect(child.signalCode).toBe('SIGKILL');
  });

  it('does not touch a stranger that got the pid of a part', async () => {
    const stranger = spawn('sleep', ['600'], { stdio: 'ignore' });
    victims.push(stranger);
    const lab = await openLab();
    const id = record(lab.dir, { kind: 'process', name: 'long gone', command: 'sleep' });
    recordStarted(lab.dir, id, { pid: stranger.pid ?? 0, startTime: '1' });
    await lab.close();
    expect(identityOf(stranger.pid ?? 0)).toBeDefined();
    expect(stranger.killed).toBe(false);
  });
});
