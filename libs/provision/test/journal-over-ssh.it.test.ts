import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type HostSession, connectSsh } from '@k0smotron/ssh';
import { sshdBinary, startFakeHost, startSshd } from '@k0smotron/ssh/testing';
import { eventually } from '@k0smotron/testing';
import { factsCommand, HostJobCutError, parseFacts, renderJournal, runHostJob } from '../src/index.ts';

const binary = sshdBinary();
const hosts = [
  { name: 'a fake host with sudo', sudo: true, start: () => startFakeHost({ user: 'ubuntu' }) },
  ...(binary === undefined ? [] : [{ name: 'OpenSSH', sudo: false, start: () => startSshd(binary) }]),
];

describe.each(hosts)('the journal over $name', ({ start, sudo }) => {
  let host: Awaited<ReturnType<typeof start>>;
  let session: HostSession;
  let dir: string;
  beforeEach(async () => {
    dir = mkdtempSync(join(tmpdir(), 'journal-ssh-'));
    host = await start();
    session = await connectSsh(host);
  });
  afterEach(async () => {
    session.close();
    await host.stop();
    rmSync(dir, { recursive: true, force: true });
  });

  it('finishes after the connection was cut, each command once', async () => {
    const at = (name: string): string => join(dir, name);
    const content = Buffer.alloc(3_000_000, 7);
    const job = renderJournal(
      {
        files: [{ path: at('big'), content }],
        commands: [`echo x >>${at('a')}`, `echo x >>${at('b')}; while [ ! -e ${at('go')} ]; do sleep 0.1; done`],
      },
      { machineUid: 'uid', stateRoot: at('state'), epoch: { leaseUid: 'l', transitions: 0, acquiredAtMs: 1 } },
    );
    let reach: () => void;
    const reached = new Promise<void>((resolve) => (reach = resolve));
    const first = runHostJob(session, job, {
      sudo,
      onProgress: (it) => it.kind === 'step' && it.number === 3 && reach(),
    }).catch((error: unknown) => error);
    await reached;
    await eventually(() => readFileSync(at('b')));
    await host.cut();
    expect(await first).toBeInstanceOf(HostJobCutError);
    session = await connectSsh({ ...host, hostKeySha256: host.hostKey });
    const again = runHostJob(session, job, { sudo });
    writeFileSync(at('go'), '');
    expect(await again).toMatchObject({ ok: true });
    expect([readFileSync(at('a'), 'utf8'), readFileSync(at('b'), 'utf8')]).toEqual(['x\n', 'x\n']);
    expect(readFileSync(at('big')).equals(content)).toBe(true);
    expect(existsSync(join(job.stateDir, 'steps'))).toBe(false);
  });

  it('tells facts', async () => {
    const { stdout } = await session.run(factsCommand);
    expect(parseFacts(stdout, Date.now()).sudo).toBe(sudo ? 'sudo' : 'root');
  });
});
