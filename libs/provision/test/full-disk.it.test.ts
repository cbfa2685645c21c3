import { existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { type Lab, mount, openLab, type Reversible } from '@k0smotron/lab';
import { HostJournalError, proveClean, renderCleanUp, renderJournal, runHostJob } from '../src/index.ts';
import { type Flavour, type LocalHost, localHost } from './local-host.ts';

const flavours: Flavour[] = ['dash', 'bash', 'busybox', 'busybox without flock and setsid'];
const epoch = { leaseUid: 'lease-1', transitions: 1, acquiredAtMs: 1_000 };
const describeAsRoot = process.getuid?.() === 0 ? describe : describe.skip;

describeAsRoot.each(flavours)('a host with %s and a full disk', (flavour) => {
  let lab: Lab;
  let host: LocalHost;
  let disk: Reversible;
  beforeAll(async () => {
    lab = await openLab();
  });
  afterAll(() => lab.close());
  beforeEach(async () => {
    host = localHost(flavour);
    mkdirSync(at('disk'));
    disk = await mount(lab, at('disk'), ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs']);
  });
  afterEach(async () => {
    await disk.undo();
    host.remove();
  });

  const at = (name: string): string => join(host.dir, name);
  const jobOf = (commands: readonly string[], purpose: 'bootstrap' | 'clean-up' = 'bootstrap') =>
    renderJournal({ files: [], commands }, { machineUid: 'uid-1', epoch, stateRoot: at('disk'), purpose });
  const run = (job: ReturnType<typeof jobOf>) => runHostJob(host, job, { sudo: false });
  const outcome = (job: ReturnType<typeof jobOf>) => run(job).then(({ exitCode }) => `exit code ${exitCode}`, String);
  const count = (mark: string): string => `echo ${mark} >>${at('count')}`;
  const counted = (): string => readFileSync(at('count'), 'utf8');
  /** Takes every byte that is left, and fails as a download would. */
  const fill = (): string => `head -c 2000000 /dev/zero >>${at('disk/big')}`;
  const fillNow = (): void => {
    try {
      writeFileSync(at('disk/big'), Buffer.alloc(2_000_000));
    } catch (error) {
      expect((error as NodeJS.ErrnoException).code).toBe('ENOSPC');
    }
  };

  it('begins nothing, says why, and goes on once there is room', async () => {
    fillNow();
    const job = jobOf([count('one')]);
    await expect(run(job)).rejects.toBeInstanceOf(HostJournalError);
    expect(existsSync(at('count'))).toBe(false);
    rmSync(at('disk/big'));
    expect(await run(job)).toMatchObject({ ok: true });
    expect(counted()).toBe('one\n');
  });

  it('runs each command once although each of them fills it, and begins none that could not be written down', async () => {
    const marks = Array.from({ length: 20 }, (_, index) => `mark-${index}`);
    const line = (mark: string): string => `[ -e ${at('fixed')} ] || ${fill()} 2>/dev/null; ${count(`${mark}-$KEPT`)}`;
    const job = jobOf(['export KEPT=kept', ...marks.map(line)]);
    const result = await run(job);
    expect(result).toMatchObject({ ok: false, exitCode: 74 });
    expect(result.lastLines.join('\n')).toMatch(/there is no room for the journal/);
    const ran = (result.step?.number ?? 0) - 2;
    expect(ran).toBeGreaterThan(0);
    const lines = marks.map((mark) => `${mark}-kept\n`);
    expect(counted()).toBe(lines.slice(0, ran).join(''));
    expect(await run(job)).toMatchObject({ ok: false, exitCode: 74 });
    expect(counted()).toBe(lines.slice(0, ran).join(''));
    rmSync(at('disk/big'));
    writeFileSync(at('fixed'), '');
    expect(await run(job)).toMatchObject({ ok: true });
    expect(counted()).toBe(lines.join(''));
  });

  it('is told of the command that failed on it, and resumes there', async () => {
    const job = jobOf([count('one'), `[ -e ${at('fixed')} ] || ${fill()} || exit 5; ${count('two')}`, count('three')]);
    expect(await run(job)).toMatchObject({ ok: false, step: { number: 2 }, exitCode: 5 });
    expect(await outcome(job)).toMatch(/exit code (5|74)|there is no room for the journal|No space left on device/);
    expect(counted()).toBe('one\n');
    rmSync(at('disk/big'));
    writeFileSync(at('fixed'), '');
    expect(await run(job)).toMatchObject({ ok: true });
    expect(counted()).toBe('one\ntwo\nthree\n');
  });

  it('can still be cleaned', async () => {
    expect(await run(jobOf([count('one')]))).toMatchObject({ ok: true });
    fillNow();
    expect(statSync(at('disk/big')).size).toBeGreaterThan(500_000);
    const { plan, verify } = renderCleanUp({ role: 'none', files: [at('disk/big')] });
    const cleanUp = jobOf(plan.commands as string[], 'clean-up');
    expect(await run(cleanUp)).toMatchObject({ ok: true });
    expect(await proveClean(host, { job: cleanUp, verify }, { sudo: false })).toEqual([]);
    expect(existsSync(at('disk/uid-1'))).toBe(false);
  });
});
