import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { eventually } from '@k0smotron/testing';
import {
  type BootstrapPlan,
  cancelHostJob,
  type CommandRunner,
  forgetHostJob,
  HostBusyError,
  HostJobCutError,
  type HostJobProgress,
  type JournalOptions,
  observeHostJob,
  parseCloudConfig,
  proveClean,
  renderCleanUp,
  renderJournal,
  runHostJob,
  SupersededError,
  toCloudConfig,
} from '../src/index.ts';
import { type Flavour, type LocalHost, localHost } from './local-host.ts';

const flavours: Flavour[] = ['dash', 'bash', 'busybox', 'busybox without flock and setsid'];
const leader = { leaseUid: 'lease-1', transitions: 1, acquiredAtMs: 1_000 };

describe.each(flavours)('the journal on a host with %s', (flavour) => {
  let host: LocalHost;
  beforeEach(() => {
    host = localHost(flavour);
  });
  afterEach(() => host.remove());

  const at = (name: string): string => join(host.dir, name);
  const read = (name: string): string => readFileSync(at(name), 'utf8');
  const jobOf = (plan: Partial<BootstrapPlan>, options: Partial<JournalOptions> = {}) =>
    renderJournal(
      { files: [], commands: [], ...plan },
      { machineUid: 'uid-1', epoch: leader, stateRoot: at('state'), ...options },
    );
  const run = (job: ReturnType<typeof jobOf>, onProgress?: (progress: HostJobProgress) => void) =>
    runHostJob(host, job, { sudo: false, ...(onProgress ? { onProgress } : {}) });
  /** Runs a job; `reached` when its host is followed in that step, `ended` with what was returned or thrown. */
  const watch = (job: ReturnType<typeof jobOf>, step: number) => {
    let reach: () => void;
    const reached = new Promise<void>((resolve) => (reach = resolve));
    const ended = run(job, (it) => {
      if (it.kind === 'step' && it.number === step) reach();
    }).catch((error: unknown) => error);
    return { reached, ended };
  };
  const state = async (job: ReturnType<typeof jobOf>) => (await observeHostJob(host, job, { sudo: false })).state;
  /** A command that leaves one line per run. */
  const count = (name: string): string => `echo x >>${at(name)}`;
  const waitFor = (name: string): string => `while [ ! -e ${at(name)} ]; do sleep 0.1; done`;

  it('writes files as asked, bytes and all, and deletes the payload', async () => {
    const bytes = Uint8Array.from({ length: 3_000 }, (_, index) => (index * 7) % 256);
    writeFileSync(at('there'), 'one\n', { mode: 0o640 });
    const plan = parseCloudConfig(
      toCloudConfig({
        files: [
          { path: at('a b/secret'), content: "it's $HOME\n", permissions: '0600' },
          { path: at('bytes'), content: bytes },
          { path: at('there'), content: 'two\n', append: true },
          { path: at('new'), content: 'no newline at the end', append: true, owner: 'nobody' },
        ],
        commands: [],
      }),
    );
    const job = jobOf(plan);
    expect(await run(job)).toMatchObject({ ok: true, alreadyDone: false });
    expect(read('a b/secret')).toBe("it's $HOME\n");
    expect(statSync(at('a b/secret')).mode & 0o777).toBe(0o600);
    expect(statSync(at('a b')).mode & 0o777).toBe(0o755);
    expect(readFileSync(at('bytes')).equals(bytes)).toBe(true);
    expect(statSync(at('bytes')).mode & 0o777).toBe(0o644);
    expect(read('there')).toBe('one\ntwo\n');
    expect(statSync(at('there')).mode & 0o777).toBe(0o640);
    expect(read('new')).toBe('no newline at the end');
    expect(statSync(at('new')).uid).toBe(65534);
    expect(statSync(at('state/uid-1')).mode & 0o777).toBe(0o700);
    expect(readdirSync(at('state/uid-1'))).not.toContain('steps');
  });

  it('runs strings and lists in order, in one environment, and reports progress', async () => {
    const said: string[] = [];
    const out = at('out');
    const job = jobOf({
      commands: [
        `export GREETING="hello there"; cd ${host.dir}`,
        `printf '%s\\n' "$GREETING" "$(pwd)" "$#" >${out}; echo visible`,
        ['sh', '-c', `printf '%s|' "$@" >>${out}`, 'name', 'a b', "it's", '"$HOME"', ''],
      ],
    });
    expect(await run(job, (it) => said.push(JSON.stringify(it)))).toMatchObject({ ok: true });
    expect(read('out')).toBe(`hello there\n${host.dir}\n0\na b|it's|"$HOME"||`);
    expect(said.join('\n')).toContain('{"kind":"step","number":3,"state":"done"}');
    expect(said.join('\n')).toContain('{"kind":"output","line":"visible"}');
  });

  it('says which step failed, its code and last lines, and resumes there', async () => {
    const job = jobOf({
      commands: [count('first'), `echo "disk is full" >&2; test -e ${at('fixed')} || exit 3`, count('last')],
    });
    expect(await run(job)).toEqual({
      ok: false,
      step: { number: 2, kind: 'command', name: 'command 2 of 3 (echo)' },
      exitCode: 3,
      lastLines: ['disk is full'],
      alreadyDone: false,
    });
    expect(await state(job)).toBe('failed');
    writeFileSync(at('fixed'), '');
    expect(await run(job)).toMatchObject({ ok: true });
    expect([read('first'), read('last')]).toEqual(['x\n', 'x\n']);
  });

  it('fails a file step with the reason', async () => {
    const result = await run(jobOf({ files: [{ path: at('f'), content: '', owner: 'no-such-user' }] }));
    expect(result).toMatchObject({ ok: false, step: { number: 1, name: `write ${at('f')}` } });
    expect(result.lastLines.join()).toMatch(/no-such-user/);
    expect(existsSync(at('f'))).toBe(false);
  });

  it('goes on without its session and runs each command once', async () => {
    const job = jobOf({ commands: [count('a'), `${count('b')}; ${waitFor('go')}`, count('c')] });
    const watched = watch(job, 2);
    await watched.reached;
    await eventually(() => read('b'));
    host.cut();
    expect(await watched.ended).toBeInstanceOf(HostJobCutError);
    expect(await state(job)).toBe('running');
    const again = run(job);
    writeFileSync(at('go'), '');
    expect(await again).toMatchObject({ ok: true });
    expect([read('a'), read('b'), read('c')]).toEqual(['x\n', 'x\n', 'x\n']);
    expect(await run(job)).toMatchObject({ ok: true, alreadyDone: true });
    expect(read('a')).toBe('x\n');
  });

  it('runs only the step again that a reboot interrupted', async () => {
    const job = jobOf({ commands: [count('a'), `${count('b')}; ${waitFor('go')}`, count('c')] });
    const watched = watch(job, 2);
    await watched.reached;
    await eventually(() => read('b'));
    host.cut();
    await watched.ended;
    killAll(at('state/uid-1'));
    await eventually(async () => expect(await state(job)).toBe('interrupted'));
    writeFileSync(at('go'), '');
    expect(await run(job)).toMatchObject({ ok: true });
    expect([read('a'), read('b'), read('c')]).toEqual(['x\n', 'x\nx\n', 'x\n']);
  });

  it('waits for a command that outlived its runner', async () => {
    const job = jobOf({ commands: [`${count('b')}; ${waitFor('go')}`, count('c')] });
    const watched = watch(job, 1);
    await watched.reached;
    await eventually(() => read('b'));
    host.cut();
    await watched.ended;
    kill(at('state/uid-1/runner'));
    const again = run(job);
    await eventually(async () => expect(await state(job)).toBe('running'));
    writeFileSync(at('go'), '');
    expect(await again).toMatchObject({ ok: true });
    expect([read('b'), read('c')]).toEqual(['x\n', 'x\n']);
  });

  it('refuses a leader of an earlier epoch and a second job', async () => {
    const job = jobOf({ commands: [count('a'), waitFor('go')] }, { epoch: { ...leader, transitions: 5 } });
    const first = watch(job, 2);
    await first.reached;
    const other = { commands: [count('evil')] };
    await expect(run(jobOf(other))).rejects.toBeInstanceOf(SupersededError);
    await expect(
      run(jobOf(other, { epoch: { leaseUid: 'old', transitions: 9, acquiredAtMs: 1_000 } })),
    ).rejects.toBeInstanceOf(SupersededError);
    await expect(run(jobOf(other, { epoch: { ...leader, transitions: 5 } }))).rejects.toBeInstanceOf(HostBusyError);
    // A later leader takes over the running job, and the earlier one's watch ends.
    const taken = run({
      ...jobOf(
        { commands: [count('a'), waitFor('go')] },
        { epoch: { leaseUid: 'new', transitions: 0, acquiredAtMs: 2_000 } },
      ),
    });
    expect(await first.ended).toBeInstanceOf(SupersededError);
    writeFileSync(at('go'), '');
    expect(await taken).toMatchObject({ ok: true });
    expect(read('a')).toBe('x\n');
    expect(existsSync(at('evil'))).toBe(false);
  });

  it('cancels everything the job started, then lets a clean-up in and forgets', async () => {
    const deaf = `sh -c 'trap "" TERM; while :; do : ${host.dir}; sleep 0.1; done'`;
    const job = jobOf({ commands: [`${count('a')}; sleep 300 & ${deaf} & ${waitFor('never')}`] });
    const watched = watch(job, 1);
    await watched.reached;
    await eventually(() => read('a'));
    await cancelHostJob(host, job, { sudo: false });
    expect(await watched.ended).toMatchObject({ ok: false });
    expect(await state(job)).toBe('cancelled');
    expect(processesWith(host.dir)).toEqual([]);
    const cleanUp = jobOf({ commands: [count('cleaned')] }, { purpose: 'clean-up' });
    expect(await run(cleanUp)).toMatchObject({ ok: true });
    await forgetHostJob(host, cleanUp, { sudo: false });
    expect(existsSync(at('state'))).toBe(false);
    expect(await state(job)).toBe('absent');
  });

  it('stops a bootstrap that still runs before it cleans up', async () => {
    const job = jobOf({ commands: [`${count('a')}; sleep 300 & ${waitFor('never')}`, count('later')] });
    const watched = watch(job, 1);
    await watched.reached;
    await eventually(() => read('a'));
    host.cut();
    await watched.ended;
    const cleanUp = jobOf({ commands: [`rm ${at('a')}`] }, { purpose: 'clean-up' });
    expect(await run(cleanUp)).toMatchObject({ ok: true });
    expect(processesWith(host.dir)).toEqual([]);
    expect([existsSync(at('a')), existsSync(at('later'))]).toEqual([false, false]);
  });

  it('needs one session for all, or two where a process cannot leave its group', async () => {
    let sessions = 0;
    const counting: CommandRunner = {
      run: (...call) => {
        sessions += 1;
        return host.run(...call);
      },
    };
    const job = jobOf({ commands: ['sleep 2', count('a')] });
    expect(await runHostJob(counting, job, { sudo: false })).toMatchObject({ ok: true });
    expect(sessions).toBe(flavour.includes('without') ? 2 : 1);
  });

  it('proves that it is clean and forgets in one session, also when something was left', async () => {
    const cleanUp = jobOf({ commands: ['true'] }, { purpose: 'clean-up' });
    const { verify } = renderCleanUp({ role: 'none', files: [at('kept')] });
    for (const left of [[{ kind: 'path', what: at('kept') }], []]) {
      if (left.length > 0) writeFileSync(at('kept'), '');
      else rmSync(at('kept'));
      expect(await run(cleanUp)).toMatchObject({ ok: true, alreadyDone: false });
      expect(await proveClean(host, { job: cleanUp, verify }, { sudo: false })).toEqual(left);
      expect(existsSync(at('state'))).toBe(false);
    }
  });

  it('does not bootstrap twice with new data', async () => {
    expect(await run(jobOf({ commands: [count('a')] }))).toMatchObject({ ok: true });
    expect(await run(jobOf({ commands: [count('a'), 'true'] }))).toMatchObject({ ok: true, alreadyDone: true });
    expect(read('a')).toBe('x\n');
  });

  it('checks the sentinel', async () => {
    const sentinel = { path: at('run/success.complete'), required: true };
    const job = jobOf({ commands: ['true'] }, { sentinel });
    expect(await run(job)).toMatchObject({ ok: false, step: { name: `check ${sentinel.path}` } });
    const made = jobOf(
      { commands: [`mkdir -p ${at('run')}; touch ${sentinel.path}`] },
      { sentinel, machineUid: 'uid-2' },
    );
    expect(await run(made)).toMatchObject({ ok: true });
    const told = jobOf(
      { commands: ['true'] },
      { sentinel: { ...sentinel, path: at('told'), create: true }, machineUid: 'uid-3' },
    );
    expect(await run(told)).toMatchObject({ ok: true });
  });

  it('survives 100 MB of output in a bounded log', async () => {
    const job = jobOf({
      commands: [`dd if=/dev/zero bs=1000000 count=100 2>/dev/null; echo; echo the end; exit 4`],
    });
    const result = await run(job);
    expect(result.exitCode).toBe(4);
    expect(result.lastLines.at(-1)).toBe('the end');
    expect(statSync(at('state/uid-1/journal/0001.log')).size).toBeLessThan(70_000);
  });

  it('appends once although it was interrupted before it could say so', async () => {
    writeFileSync(at('log'), 'old\n');
    const job = jobOf({ files: [{ path: at('log'), content: 'new\n', append: true }], commands: ['exit 1'] });
    expect(await run(job)).toMatchObject({ ok: false, step: { number: 2 } });
    await host.run(`rm ${at('state/uid-1/journal/0001.done')}`);
    await eventually(() => expect(existsSync(at('state/uid-1/journal/0001.done'))).toBe(false));
    await run(job);
    expect(read('log')).toBe('old\nnew\n');
  });

  it('does not start with half an upload', async () => {
    const job = jobOf({ commands: [count('a')] });
    const half = {
      ...job,
      drive: { ...job.drive, stdin: job.drive.stdin.subarray(0, job.drive.stdin.length - 100) },
    };
    await expect(run(half)).rejects.toThrow(/damaged/);
    expect(existsSync(at('a'))).toBe(false);
    expect(await run(job)).toMatchObject({ ok: true });
  });

  it('does not let a daemon that a command started hold the job', async () => {
    const job = jobOf({ commands: [`sleep 30 & echo $! >${at('pid')}`, count('a')] });
    expect(await run(job)).toMatchObject({ ok: true });
    process.kill(Number(read('pid')), 0);
    process.kill(Number(read('pid')), 'SIGKILL');
  });

  it('keeps its hash over epochs and changes it with the plan', () => {
    const later = jobOf({ commands: ['a'] }, { epoch: { ...leader, transitions: 9 } });
    expect(later.planHash).toBe(jobOf({ commands: ['a'] }).planHash);
    expect(later.planHash).not.toBe(jobOf({ commands: ['b'] }).planHash);
    expect(createHash('sha256').update(later.drive.stdin).digest('hex')).toHaveLength(64);
  });
});

/** Processes whose command line names the folder. */
function processesWith(text: string): string[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => {
      try {
        const line = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
        return line.includes(text) ? [line] : [];
      } catch {
        return [];
      }
    });
}

describe('a job after one whose runner is slow to go', () => {
  it('keeps its steps and runs each once', async () => {
    const host = localHost('dash');
    const at = (name: string): string => join(host.dir, name);
    const slow = '#!/bin/sh\ncase "$*" in */cwd*/runner) sleep 1 ;; esac\nexec /bin/rm "$@"\n';
    writeFileSync(at('bin/rm'), slow, { mode: 0o755 });
    const jobOf = (purpose: 'bootstrap' | 'clean-up', commands: readonly string[]) =>
      renderJournal({ files: [], commands }, { machineUid: 'uid-1', epoch: leader, stateRoot: at('state'), purpose });
    try {
      expect(await runHostJob(host, jobOf('bootstrap', ['true']), { sudo: false })).toMatchObject({ ok: true });
      const next = jobOf('clean-up', [`echo x >>${at('a')}; sleep 2`, `echo x >>${at('b')}`]);
      expect(await runHostJob(host, next, { sudo: false })).toMatchObject({ ok: true });
      expect([readFileSync(at('a'), 'utf8'), readFileSync(at('b'), 'utf8')]).toEqual(['x\n', 'x\n']);
      await forgetHostJob(host, next, { sudo: false });
      expect(existsSync(at('state/uid-1'))).toBe(false);
    } finally {
      host.remove();
    }
  });
});

/** SIGKILL to the process that a record names. */
function kill(record: string): void {
  process.kill(Number(readFileSync(record, 'utf8').split(' ')[0]), 'SIGKILL');
}

/** What a power cut does to the runner and what it started. */
function killAll(stateDir: string): void {
  const records = readdirSync(join(stateDir, 'journal')).filter((name) => /\.(wrapper|command)$/.test(name));
  kill(join(stateDir, 'runner'));
  // Wrappers first: one that sees its command die says how it ended.
  for (const record of records.sort().reverse()) kill(join(stateDir, 'journal', record));
}
