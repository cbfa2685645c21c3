import { describe, expect, it } from '@jest/globals';

import { openLab } from '../src/open-lab.ts';
import { startMachines } from '../src/machines/start-machines.ts';
import { overSsh } from './machines-ssh.ts';
import { marksOf, tracesOf } from './machines-traces.ts';

const describeAsRoot = process.getuid?.() === 0 ? describe : describe.skip;

describeAsRoot('forty machines', () => {
  it('answer SSH in the promised 30 s, and go in 15', async () => {
    const lab = await openLab();
    try {
      await startMachines(lab, 1); // image and network are there after this
      const began = performance.now();
      const machines = await startMachines(lab, 39);
      const bootedMs = performance.now() - began;
      const names = await Promise.all(
        machines.map(({ address, sshKey }) => overSsh(address, 'root', sshKey, 'hostname')),
      );
      expect(names.map(({ stdout }) => stdout.trim())).toEqual(machines.map(({ name }) => name));

      const marks = marksOf(lab.dir);
      const closing = performance.now();
      await lab.close();
      const closedMs = performance.now() - closing;
      expect(await tracesOf(marks)).toEqual([]);
      // Shown beside each other, so that a failure tells both.
      expect({ bootedMs, closedMs, inTime: bootedMs < 30_000 && closedMs < 15_000 }).toMatchObject({ inTime: true });
    } finally {
      await lab.close();
    }
  }, 600_000);
});
