import { spawn } from 'node:child_process';
import { appendFileSync, existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { describe, expect, it } from '@jest/globals';

import { claimPort, claimSubnet, makeDirectory, mount, openLab, setSysctl, sweep, withLock } from '../src/index.ts';
import type { Lab } from '../src/index.ts';
import { record, recordUndone, standingChanges } from '../src/journal.ts';
import { readSysctl } from '../src/sysctl.ts';

const itAsRoot = process.getuid?.() === 0 ? it : it.skip;

async function inLab(work: (lab: Lab) => Promise<void>): Promise<void> {
  const lab = await openLab();
  try {
    await work(lab);
  } finally {
    await lab.close();
  }
}

describe('the lock', () => {
  it('lets one in at a time', async () => {
    const seen: string[] = [];
    const visit = (who: number): Promise<void> =>
      withLock('lock-test', async () => {
        seen.push(`in ${who}`);
        await new Promise((resolve) => setImmediate(resolve));
        seen.push(`out ${who}`);
      });
    await Promise.all([visit(1), visit(2), visit(3)]);
    for (let at = 0; at < seen.length; at += 2) expect(seen[at + 1]).toBe(seen[at]?.replace('in', 'out'));
  });

  it('is free again when its holder is killed', async () => {
    const holder = spawn(process.execPath, [join(import.meta.dirname, 'lock-holder.ts'), 'lock-kill-test'], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    await new Promise((resolve) => holder.stdout.once('data', resolve));
    let got = false;
    const waiting = withLock('lock-kill-test', () => {
      got = true;
    });
    expect(got).toBe(false);
    holder.kill('SIGKILL');
    await waiting;
    expect(got).toBe(true);
  });

  it('passes on what the work throws, and is free then', async () => {
    await expect(withLock('lock-throw-test', () => Promise.reject(new Error('no')))).rejects.toThrow('no');
    expect(await withLock('lock-throw-test', () => 'yes')).toBe('yes');
  });
});

describe('the journal', () => {
  it('knows what stands, and leaves out a line whose writer died', () =>
    inLab(async (lab) => {
      const first = record(lab.dir, { kind: 'link', name: 'nothing0' });
      record(lab.dir, { kind: 'link', name: 'nothing1' });
      recordUndone(lab.dir, first);
      appendFileSync(join(lab.dir, 'journal.jsonl'), '{"did":{"id":"x","cha');
      expect(standingChanges(lab.dir).map(({ change }) => change)).toEqual([{ kind: 'link', name: 'nothing1' }]);
      await Promise.resolve();
    }));

  it('still takes a lab down whose folder was half removed', async () => {
    const lab = await openLab({ owner: 'nobody' });
    rmSync(join(lab.dir, 'lab.json'));
    await sweep();
    expect(existsSync(lab.dir)).toBe(false);
  });
});

describe('claims', () => {
  it('never gives one port to two labs that ask at once', () =>
    inLab((one) =>
      inLab(async (other) => {
        const ports = await Promise.all([one, other, one, other, one, other].map((lab) => claimPort(lab)));
        expect(new Set(ports).size).toBe(ports.length);
      }),
    ));

  it('gives each lab a subnet of its own, and takes it back', async () => {
    const lab = await openLab();
    const mine = await claimSubnet(lab);
    await inLab(async (other) => expect((await claimSubnet(other)).prefix).not.toBe(mine.prefix));
    await lab.close();
    expect(mine.gateway).toBe(`${mine.prefix}.1`);
  });
});

describe('changes of the host', () => {
  itAsRoot('restores a kernel setting only when the last lab that wanted it goes', async () => {
    const key = 'net.ipv4.conf.lo.log_martians';
    const before = readSysctl(key);
    const other = before === '1' ? '0' : '1';
    const [first, second] = [await openLab(), await openLab()];
    await setSysctl(first, key, other);
    await setSysctl(second, key, other);
    await first.close();
    expect(readSysctl(key)).toBe(other);
    await second.close();
    expect(readSysctl(key)).toBe(before);
  });

  itAsRoot('never removes through a mount', async () => {
    const [owner, lab] = [await openLab(), await openLab()];
    const precious = join(owner.dir, 'precious');
    mkdirSync(precious);
    writeFileSync(join(precious, 'file'), 'kept');
    mkdirSync(join(lab.dir, 'bound'));
    await mount(lab, join(lab.dir, 'bound'), ['--bind', precious]);
    await lab.close();
    expect(existsSync(lab.dir)).toBe(false);
    expect(existsSync(join(precious, 'file'))).toBe(true);
    await owner.close();
  });

  it('refuses to take over a folder that exists', () =>
    inLab(async (lab) => {
      await expect(makeDirectory(lab, '/etc')).rejects.toThrow('/etc exists already');
      expect(standingChanges(lab.dir)).toEqual([]);
    }));
});

describe('a lab', () => {
  it('has a name of its own', () =>
    inLab(async (lab) => {
      await expect(openLab({ name: lab.name })).rejects.toThrow(/exists: choose another name/);
      await expect(openLab({ name: '../x' })).rejects.toThrow(/use 1 to 20/);
    }));
});
