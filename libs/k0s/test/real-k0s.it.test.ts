import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { connectEtcd, observeEtcd } from '@k0smotron/etcd';
import { defaultK0sVersion, k0sVersions, openLab, startMachines, type Lab, type Machine } from '@k0smotron/lab';
import { adminKubeconfig, clusterCertificates, issue, saAsPair, type ClusterCertificates } from '@k0smotron/pki';
import { connectSsh } from '@k0smotron/ssh';
import { eventually } from '@k0smotron/testing';
import {
  bootstrapTokenSecret,
  controllerPlan,
  encodeJoinToken,
  newBootstrapToken,
  renderControllerConfig,
  reportFits,
  sentinelPath,
  workerPlan,
  type JoinRole,
  type MachinePlan,
} from '../src/index.ts';

const possible = process.getuid?.() === 0 && k0sVersions().includes(defaultK0sVersion);
const describeWithK0s = possible ? describe : describe.skip;

const disabled = 'metrics-server,coredns,kube-proxy,network-provider,helm,update-prober,windows-node';
const k0s = { spec: { network: { provider: 'custom' }, telemetry: { enabled: false } } };
const toBase64 = (text: string): string => Buffer.from(text, 'utf8').toString('base64');

describeWithK0s('our plans on real k0s', () => {
  let lab: Lab;
  let certificates: ClusterCertificates;
  let machines: [Machine, Machine, Machine];

  beforeAll(async () => {
    lab = await openLab();
    certificates = await clusterCertificates();
    machines = (await startMachines(lab, 3, { parts: true, preInstalledK0s: true })) as typeof machines;
  }, 300_000);
  afterAll(() => lab.close(), 120_000);

  const sh = async (machine: Machine, command: string): Promise<string> => {
    const { code, stdout, stderr } = await machine.exec(command);
    if (code !== 0) throw new Error(`${command} on ${machine.name}: ${code}: ${stderr}${stdout}`);
    return stdout;
  };
  const carryOut = async (machine: Machine, { files, commands }: MachinePlan): Promise<void> => {
    for (const { path, content, permissions = '0644' } of files) {
      const folder = path.slice(0, path.lastIndexOf('/'));
      await sh(
        machine,
        `mkdir -p ${folder} && echo ${toBase64(content)} | base64 -d >${path} && chmod ${permissions} ${path}`,
      );
    }
    for (const command of commands) await sh(machine, command);
  };
  const settingsOf = ({ name }: Machine, args: readonly string[] = []) => ({
    machineName: name,
    version: defaultK0sVersion,
    preInstalledK0s: true,
    args,
  });
  const configOf = ({ name }: Machine) =>
    renderControllerConfig({ k0s, machineName: name, endpointHost: machines[0].address, version: defaultK0sVersion });
  const newToken = async (role: JoinRole): Promise<string> => {
    const token = newBootstrapToken();
    const expiresAt = new Date(Date.now() + 600_000);
    const secret = bootstrapTokenSecret({ token, role, expiresAt, description: 'a test' });
    const manifest = JSON.stringify({ apiVersion: 'v1', kind: 'Secret', ...secret });
    await sh(machines[0], `echo ${toBase64(manifest)} | base64 -d | k0s kubectl create -f -`);
    const server = `https://${machines[0].address}:${role === 'worker' ? 6443 : 9443}`;
    const caPem = certificates.ca.certPem;
    return encodeJoinToken({ role, server, caPem, tokenId: token.id, tokenSecret: token.secret });
  };
  const etcdOn = (machine: Machine) => ({
    name: machine.name,
    connect: async () => {
      const client = await issue(certificates.etcd, { commonName: 'k0smotron', usages: ['client'], days: 1 });
      const session = await connectSsh({
        host: machine.address,
        port: 22,
        user: 'root',
        privateKey: machine.sshKey,
      });
      const open = () => session.forward('127.0.0.1', 2379);
      const admin = await connectEtcd({ open, caPem: certificates.etcd.certPem, ...client });
      return { ...admin, close: () => (admin.close(), session.close()) };
    },
  });

  it('start a first controller with our certificates, private keys closed to others', async () => {
    const [first] = machines;
    const { ca, etcd, proxy, sa } = certificates;
    const start = { kind: 'first' as const, pki: { ca, etcd, proxy, sa: saAsPair(sa) } };
    await carryOut(
      first,
      controllerPlan(settingsOf(first, [`--disable-components=${disabled}`]), configOf(first), start),
    );
    await eventually(async () => expect(await sh(first, 'k0s kubectl get --raw /readyz')).toBe('ok'), {
      timeoutMs: 90_000,
      everyMs: 500,
    });
    await sh(first, `test -e ${sentinelPath}`);
    expect(await sh(first, 'find /var/lib/k0s/pki -name "*.key" -perm /007')).toBe('');

    const kubeconfig = await adminKubeconfig(ca, { clusterName: 'demo', server: `https://${first.address}:6443` });
    await sh(first, `echo ${toBase64(kubeconfig)} | base64 -d >/tmp/admin.conf`);
    expect(await sh(first, 'k0s kubectl --kubeconfig /tmp/admin.conf get ns -o name')).toContain(
      'namespace/kube-system',
    );
    // Repeating the commands of a plan changes nothing: a journal may have to.
    await carryOut(first, { files: [], commands: controllerPlan(settingsOf(first), configOf(first), start).commands });
    expect(await sh(first, 'k0s kubectl get --raw /readyz')).toBe('ok');
  }, 180_000);

  it('join a second controller whose etcd member has the Machine’s name', async () => {
    const [first, second] = machines;
    const joinToken = await newToken('controller');
    const settings = settingsOf(second, [`--disable-components=${disabled}`]);
    await carryOut(second, controllerPlan(settings, configOf(second), { kind: 'joins', joinToken }));
    const view = await eventually(
      async () => {
        const seen = await observeEtcd([etcdOn(first), etcdOn(second)], new Date());
        expect(seen.members.map(({ name, healthy, learner }) => [name, healthy, learner]).sort()).toEqual([
          [first.name, true, false],
          [second.name, true, false],
        ]);
        return seen;
      },
      { timeoutMs: 120_000, everyMs: 1_000 },
    );
    expect(view.unknown).toBeUndefined();
    expect(await sh(second, 'find /var/lib/k0s/pki -name "*.key" -perm /007')).toBe('');
    await eventually(
      async () => expect(await sh(first, 'k0s kubectl get controlnodes -o name')).toContain(second.name),
      {
        timeoutMs: 60_000,
        everyMs: 1_000,
      },
    );
  }, 240_000);

  it('join a worker whose node has the Machine’s name and label', async () => {
    const [first, , worker] = machines;
    await carryOut(worker, workerPlan({ ...settingsOf(worker), machineName: 'mach-0' }, await newToken('worker')));
    const version = await eventually(
      async () => {
        const query = 'k0s kubectl get nodes -l k0smotron.io/machine-name=mach-0 --no-headers';
        const [name, status, , , kubelet] = (await sh(first, query)).split(/\s+/);
        expect([name, status]).toEqual(['mach-0', 'Ready']);
        return kubelet ?? '';
      },
      { timeoutMs: 120_000, everyMs: 1_000 },
    );
    expect(reportFits(version, defaultK0sVersion)).toBe(true);
  }, 180_000);

  it('go on when a member is taken out of etcd', async () => {
    const [first, second] = machines;
    const admin = await etcdOn(first).connect();
    const leaving = (await admin.members()).find(({ name }) => name === second.name);
    const leader = (await admin.status()).leader;
    if (leader === leaving?.id) {
      const other = await etcdOn(second).connect();
      await other.moveLeader((await admin.status()).memberId);
      other.close();
    }
    await eventually(() => admin.removeMember(leaving?.id ?? ''), { timeoutMs: 20_000 });
    expect((await admin.members()).map(({ name }) => name)).toEqual([first.name]);
    admin.close();
    expect(await sh(first, 'k0s kubectl get --raw /readyz')).toBe('ok');
  }, 120_000);
});
