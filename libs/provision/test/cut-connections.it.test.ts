import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { ConnectError, connectSsh } from '@k0smotron/ssh';
import { sshdBinary, startFakeHost, startSshd } from '@k0smotron/ssh/testing';
import { type Direction, type FaultProxy, startFaultProxy } from '@k0smotron/testing';
import { type HostJob, HostJobCutError, type HostJobProgress, renderJournal, runHostJob } from '../src/index.ts';

const binary = sshdBinary();
const start = () => (binary === undefined ? startFakeHost() : startSshd(binary));

/** Farther apart than a packet, close enough to hit greeting, login, upload, start, each step and the end. */
const strideBytes = { 'to server': 1_700, 'to client': 400 } as const;

describe('a journal whose connection is cut', () => {
  let host: Awaited<ReturnType<typeof start>>;
  let proxy: FaultProxy;
  let dir: string;
  beforeAll(async () => {
    host = await start();
    proxy = await startFaultProxy(host);
  });
  afterAll(async () => {
    await proxy.close();
    await host.stop();
  });
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'journal-cut-'));
  });
  afterEach(() => rmSync(dir, { recursive: true, force: true }));

  const at = (name: string): string => join(dir, name);
  const jobOf = (machineUid: string, commands: readonly string[]): HostJob =>
    renderJournal(
      {
        files: [
          { path: at(`${machineUid}-file`), content: 'whole\n' },
          { path: at(`${machineUid}-count`), content: 'appended\n', append: true },
        ],
        commands,
      },
      { machineUid, stateRoot: at('state'), epoch: { leaseUid: 'l', transitions: 0, acquiredAtMs: 1 } },
    );
  const attempt = async (job: HostJob, onProgress?: (it: HostJobProgress) => void): Promise<void> => {
    const session = await connectSsh({ ...host, port: proxy.port });
    try {
      const result = await runHostJob(session, job, { sudo: false, ...(onProgress ? { onProgress } : {}) });
      expect(result).toMatchObject({ ok: true });
    } finally {
      session.close();
    }
  };
  /** Tries until the job has come to its end, as a service does; gives how often the connection broke. */
  const persist = async (job: HostJob, afterCut: () => void, onProgress?: (it: HostJobProgress) => void) => {
    for (let cuts = 0; ; cuts += 1) {
      try {
        await attempt(job, onProgress);
        return cuts;
      } catch (cause) {
        if (!(cause instanceof HostJobCutError || cause instanceof ConnectError)) throw cause;
        afterCut();
      }
    }
  };
  const expectOnce = (machineUid: string, marks: readonly string[]): void => {
    expect(readFileSync(at(`${machineUid}-file`), 'utf8')).toBe('whole\n');
    expect(
      readFileSync(at(`${machineUid}-count`), 'utf8')
        .trim()
        .split('\n'),
    ).toEqual(['appended', ...marks]);
    // Neither steps nor an upload stay, since they hold secrets.
    const left = readdirSync(at(`state/${machineUid}`));
    expect(left.filter((name) => /^(steps|upload\.|incoming-)/.test(name))).toEqual([]);
  };

  it('while each of its commands runs runs each once', async () => {
    const marks = ['one', 'two', 'three', 'four'];
    const job = jobOf(
      'steps',
      marks.map((mark) => `echo ${mark} >>${at('steps-count')}; while [ ! -e ${at(mark)} ]; do sleep 0.05; done`),
    );
    const running = new Set<string>();
    const cuts = await persist(
      job,
      () => proxy.heal(),
      (progress) => {
        const command = progress.kind === 'step' && progress.state === 'running' ? progress.number - 3 : -1;
        const mark = marks[command];
        if (mark === undefined || running.has(mark)) return;
        running.add(mark);
        proxy.cutAll();
        writeFileSync(at(mark), '');
      },
    );
    expect(cuts).toBe(marks.length);
    expectOnce('steps', marks);
  }, 60_000);

  it.each(['to server', 'to client'] as const)(
    'after any number of bytes %s runs each command once',
    async (direction: Direction) => {
      let bytes = 0;
      for (let cuts = 1; cuts > 0; bytes += strideBytes[direction]) {
        const uid = `cut-${bytes}`;
        const marks = ['one', 'two', 'three'];
        proxy.inject({ kind: 'cut', afterBytes: bytes, direction });
        cuts = await persist(
          jobOf(
            uid,
            marks.map((mark) => `echo ${mark} | tee -a ${at(`${uid}-count`)}`),
          ),
          () => proxy.heal(),
        );
        proxy.heal();
        expectOnce(uid, marks);
      }
      expect(bytes / strideBytes[direction]).toBeGreaterThan(8);
    },
    120_000,
  );
});
