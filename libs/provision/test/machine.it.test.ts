import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  defaultK0sVersion,
  k0sBinary,
  k0sVersions,
  type Lab,
  type Machine,
  openLab,
  serveFiles,
  startMachines,
} from '@k0smotron/lab';
import { connectSsh, probeSudo } from '@k0smotron/ssh';
import { eventually } from '@k0smotron/testing';
import {
  type BootstrapPlan,
  factsCommand,
  forgetHostJob,
  type JournalOptions,
  observeHostJob,
  parseFacts,
  parseLeftovers,
  proveClean,
  renderCleanUp,
  renderJournal,
  runHostJob,
} from '../src/index.ts';

const possible = process.getuid?.() === 0 && k0sVersions().includes(defaultK0sVersion);
const sentinel = '/run/cluster-api/bootstrap-success.complete';
const disabled = 'metrics-server,coredns,kube-proxy,network-provider,helm,update-prober,windows-node';
const clusterConfig = `apiVersion: k0s.k0sproject.io/v1beta1
kind: ClusterConfig
metadata: {name: k0s}
spec: {network: {provider: custom}, telemetry: {enabled: false}}
`;
/** What any machine does meanwhile, and the traces of users that k0s made and removed. */
const noise =
  /^\/(?:run|tmp|var\/log|var\/lib\/systemd|var\/lib\/private|var\/cache|var\/tmp|dev\/shm|etc\/machine-id|root\/\.|home\/remoteuser\/\.|etc\/(?:group|gshadow|passwd|shadow|subuid|subgid)-?$)/;
/** Folders of the image; a change in them lists them too. */
const ofImage =
  /^\/(?:etc\/k0s(?:\/containerd\.d)?|etc\/systemd\/system(?:\/multi-user.target.wants)?|opt|usr|usr\/libexec|usr\/local(?:\/bin)?|etc|var|var\/lib|root|home|home\/remoteuser)$/;

(possible ? describe : describe.skip)('a real machine with real k0s', () => {
  let lab: Lab;
  let machine: Machine;
  let url: string;
  let before: Map<string, string>;
  const connect = () => connectSsh({ host: machine.address, port: 22, user: 'remoteuser', privateKey: machine.sshKey });
  const jobOf = (plan: Partial<BootstrapPlan>, options: Partial<JournalOptions> = {}) =>
    renderJournal(
      { files: [], commands: [], ...plan },
      { machineUid: 'uid-1', epoch: { leaseUid: 'l', transitions: 0, acquiredAtMs: 1 }, ...options },
    );

  beforeAll(async () => {
    lab = await openLab();
    machine = (await startMachines(lab, 1, { parts: true }))[0] as Machine;
    const server = await serveFiles(lab, `${(await k0sBinary()).layer}/usr/local/bin`);
    url = `${server.url}/k0s`;
    before = await machine.listFiles();
  }, 1_800_000);
  afterAll(() => lab.close());

  it('tells facts to a user with sudo', async () => {
    const session = await connect();
    expect(session.hostKey).toBe(await machine.hostKeyFingerprint());
    expect(await probeSudo(session)).toBe('sudo');
    const { stdout } = await session.run(factsCommand);
    expect(parseFacts(stdout, Date.now())).toMatchObject({
      os: 'debian',
      initSystem: 'systemd',
      sudo: 'sudo',
      k0sRunning: false,
    });
    session.close();
  });

  it('bootstraps k0s and is the same host again after the clean-up, although k0s hangs', async () => {
    const session = await connect();
    const job = jobOf(
      {
        files: [
          { path: '/etc/k0s.yaml', content: clusterConfig },
          { path: '/opt/ours/deep/token', content: 'secret', permissions: '0600' },
        ],
        commands: [
          `curl -sSfLo /usr/local/bin/k0s ${url} && chmod 755 /usr/local/bin/k0s`,
          `/usr/local/bin/k0s install controller --force --enable-worker --config /etc/k0s.yaml --disable-components=${disabled}`,
          '/usr/local/bin/k0s start',
          'for i in $(seq 120); do k0s kubectl get nodes --no-headers 2>&1 | grep " Ready" && exit 0; sleep 1; done; k0s kubectl describe nodes | tail -30; journalctl -u k0scontroller -n 20 --no-pager | cut -c -300; exit 1',
          `mkdir -p /run/cluster-api && touch ${sentinel}`,
        ],
      },
      { sentinel: { path: sentinel, required: true } },
    );
    expect(await runHostJob(session, job, { sudo: true })).toMatchObject({ ok: true, lastLines: [] });

    const { plan, verify } = renderCleanUp({
      role: 'controller',
      removeK0s: true,
      files: ['/etc/k0s.yaml', '/opt/ours/deep/token', sentinel],
      stateDir: job.stateDir,
    });
    const dirty = parseLeftovers((await session.run(verify, { sudo: true })).stdout);
    expect(dirty.map(({ kind }) => kind)).toEqual(expect.arrayContaining(['path', 'process']));
    const cleanUp = jobOf(plan, { purpose: 'clean-up' });
    await machine.exec('systemctl kill -s STOP k0scontroller'); // a stop would wait 90 s for it
    const beganAt = performance.now();
    expect(await runHostJob(session, cleanUp, { sudo: true })).toMatchObject({ ok: true });
    expect(await proveClean(session, { job: cleanUp, verify }, { sudo: true })).toEqual([]);
    expect(performance.now() - beganAt).toBeLessThan(60_000);
    const left = [...(await machine.listFiles())].filter(
      ([path, what]) => before.get(path) !== what && !noise.test(path) && !(what === 'folder' && ofImage.test(path)),
    );
    expect(left).toEqual([]);
    expect((await machine.exec(`ls -d /var/lib/k0smotron /run/k0s ${sentinel}`)).stdout).toBe('');
    session.close();
  });

  it('resumes after a reboot at the step that was running', async () => {
    const job = jobOf(
      { commands: ['echo x >>/root/a', 'echo x >>/root/b; test -e /root/go || sleep 300', 'echo x >>/root/c'] },
      { machineUid: 'cut' },
    );
    const session = await connect();
    const watched = runHostJob(session, job, { sudo: true }).catch((error: unknown) => error);
    await eventually(async () => expect((await machine.exec('sync; cat /root/b')).code).toBe(0));
    await machine.reboot();
    session.close();
    await watched;
    await machine.exec('touch /root/go');
    const again = await connect();
    // A clean reboot may let the step say that it was terminated.
    expect(['interrupted', 'failed']).toContain((await observeHostJob(again, job, { sudo: true })).state);
    expect(await runHostJob(again, job, { sudo: true })).toMatchObject({ ok: true });
    expect((await machine.exec('cat /root/a /root/b /root/c | wc -l')).stdout.trim()).toBe('4');
    await forgetHostJob(again, job, { sudo: true });
    await machine.exec('rm /root/a /root/b /root/c /root/go');
    again.close();
  });
});
