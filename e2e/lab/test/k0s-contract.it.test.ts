import { execFile } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { adminKubeconfig, clusterCertificates } from '@k0smotron/pki';
import type { ClusterCertificates } from '@k0smotron/pki';
import { eventually } from '@k0smotron/testing';

import { binary } from '../src/binaries/binary.ts';
import type { Lab } from '../src/lab.ts';
import { openLab } from '../src/open-lab.ts';
import { defaultK0sVersion, k0sBinary, realK0s } from '../src/machines/k0s-binary.ts';
import type { Machine } from '../src/machines/machine.ts';
import type { CommandResult } from '../src/machines/result-of.ts';
import { startMachines } from '../src/machines/start-machines.ts';
import { apiReady, etcdMembers } from './k0s-contract-host.ts';

const root = process.getuid?.() === 0;
const real = root && (await realK0s());
const minute = 60_000;

/** What the product relies on when it runs k0s; the stand-in is held to the same (ER-13). */
function contract(source: 'real' | 'stand-in'): void {
  const forcedBefore = process.env['K0SMOTRON_LAB_K0S'];
  let lab: Lab;
  let folder: string;
  let certificates: ClusterCertificates;
  let controller: Machine;
  let worker: Machine;

  beforeAll(async () => {
    if (source === 'stand-in') process.env['K0SMOTRON_LAB_K0S'] = 'stand-in';
    lab = await openLab();
    folder = mkdtempSync(join(lab.dir, 'contract-'));
    certificates = await clusterCertificates();
    expect((await k0sBinary()).source === 'stand-in').toBe(source === 'stand-in');
    [controller, worker] = (await startMachines(lab, 2, { parts: true, preInstalledK0s: true })) as [Machine, Machine];
  }, 30 * minute); // builds of the parts, when nothing is cached
  afterAll(async () => {
    if (forcedBefore === undefined) delete process.env['K0SMOTRON_LAB_K0S'];
    else process.env['K0SMOTRON_LAB_K0S'] = forcedBefore;
    await lab.close();
  }, minute);

  const sh = async (machine: Machine, command: string): Promise<string> => {
    const { code, stdout, stderr } = await machine.exec(command);
    if (code !== 0) throw new Error(`${command}: exit code ${code}: ${stderr}`);
    return stdout;
  };
  const refused = async (machine: Machine, command: string): Promise<CommandResult> => {
    const result = await machine.exec(command);
    expect(result.code).not.toBe(0);
    expect(result.stderr).not.toBe('');
    return result;
  };
  const put = (machine: Machine, path: string, content: string): Promise<string> => {
    const mode = /\.(key|token|yaml)$/.test(path) ? '0600' : '0644'; // k0s hands keys to the users that need them
    return sh(
      machine,
      `mkdir -p ${join(path, '..')}; echo ${toBase64(content)} | base64 -d | install -m ${mode} /dev/stdin ${path}`,
    );
  };
  const kubectl = async (...args: string[]): Promise<string> => {
    const kubeconfig = join(folder, 'admin.conf');
    const { stdout } = await run(await binary('kubectl'), ['--kubeconfig', kubeconfig, ...args]);
    return stdout;
  };

  it('prints its version', async () => {
    expect(await sh(controller, 'k0s version')).toBe(`${defaultK0sVersion}\n`);
  });

  it('says no to what cannot be, with a word on stderr', async () => {
    for (const command of ['start', 'stop', 'status', 'nonsense', 'kubeconfig admin'])
      await refused(controller, `k0s ${command}`);
  });

  if (source === 'stand-in') {
    it('refuses with one line what it cannot play: a second controller, a controller that works, kine', async () => {
      for (const flag of ['--token-file /etc/k0s.token', '--enable-worker', '--single=true']) {
        const { stderr } = await refused(controller, `k0s install controller ${flag}`);
        expect(stderr).toMatch(/^k0s \(the lab's stand-in\): .*set K0S_DIR\n$/);
      }
    });
  }

  it('runs a controller from our certificates, keys closed to others', async () => {
    const { ca, etcd, proxy, sa } = certificates;
    const pairs = { ca, 'etcd/ca': etcd, 'front-proxy-ca': proxy };
    for (const [name, { certPem, keyPem }] of Object.entries(pairs)) {
      await put(controller, `/var/lib/k0s/pki/${name}.crt`, certPem);
      await put(controller, `/var/lib/k0s/pki/${name}.key`, keyPem);
    }
    await put(controller, '/var/lib/k0s/pki/sa.pub', sa.publicPem);
    await put(controller, '/var/lib/k0s/pki/sa.key', sa.privatePem);
    await put(controller, '/etc/k0s.yaml', clusterConfig(controller));
    const install =
      `k0s install controller --enable-dynamic-config --env AUTOPILOT_HOSTNAME=first ` +
      `--disable-components=${disabled} --config /etc/k0s.yaml`;
    await sh(controller, install);
    await refused(controller, install);
    await sh(controller, `${install} --force && systemctl start k0scontroller`);
    await refused(controller, 'k0s start');
    await eventually(async () => expect(await apiReady(controller, certificates)).toBe(200), patience);
    expect(await sh(controller, 'find /var/lib/k0s/pki -name "*.key" -perm /007')).toBe('');
    expect(await sh(controller, 'k0s status')).toMatch(/^Role: controller$/m);
  });

  it('takes our administrator, and gives a kubeconfig of its own', async () => {
    const server = `https://${controller.address}:6443`;
    const ours = await adminKubeconfig(certificates.ca, { clusterName: 'contract', server });
    for (const kubeconfig of [ours, await sh(controller, 'k0s kubeconfig admin')]) {
      writeFileSync(join(folder, 'admin.conf'), kubeconfig, { mode: 0o600 });
      expect(await kubectl('get', 'namespaces', '-o', 'name')).toContain('namespace/kube-system');
    }
  });

  it('has an etcd on the loopback, whose member is named by the configuration', async () => {
    const members = await etcdMembers(controller, certificates, folder);
    expect(members).toEqual([{ name: 'first', peerURLs: [`https://${controller.address}:2380`] }]);
    const listening = await sh(controller, 'ss -ltnH "sport = :2379"');
    expect(listening).toContain('127.0.0.1:2379');
    expect(listening.trim().split('\n')).toHaveLength(1);
  });

  it('takes a worker with a join token, under the name and with the label that it is told', async () => {
    const token = { id: 'abcdef', secret: '0123456789abcdef' };
    await kubectl('create', 'secret', 'generic', `bootstrap-token-${token.id}`, '-n', 'kube-system', ...typed(token));
    await put(worker, '/etc/k0s.token', joinToken(controller, certificates.ca.certPem, token));
    const flags = '--labels=k0smotron.io/machine-name=mach-0 --kubelet-extra-args=--hostname-override=mach-0';
    await sh(worker, `k0s install worker --force --token-file /etc/k0s.token ${flags} && systemctl start k0sworker`);
    await eventually(async () => expect(await readyNodes(kubectl)).toEqual(['mach-0 v1.34.4+k0s']), patience);
  });

  it('keeps what it was told over stop and start, the worker without its token', async () => {
    await sh(worker, 'k0s stop && rm /etc/k0s.token');
    await sh(controller, 'k0s stop');
    expect(await sh(controller, 'pgrep -x "etcd|kube-.*" || true')).toBe('');
    await refused(controller, 'k0s status');
    await sh(controller, 'k0s start');
    await sh(worker, 'k0s start');
    const booted = Date.now();
    await eventually(async () => {
      const renewed = await kubectl(
        'get',
        'lease',
        '-n',
        'kube-node-lease',
        'mach-0',
        '-o',
        'jsonpath={.spec.renewTime}',
      );
      expect(Date.parse(renewed)).toBeGreaterThan(booted);
      expect(await readyNodes(kubectl)).toHaveLength(1);
    }, patience);
  });

  it('leaves an empty data folder and no process after stop and reset, and can be asked again', async () => {
    for (const machine of [worker, controller]) {
      await refused(machine, 'k0s reset');
      await sh(machine, 'k0s stop && k0s reset');
      expect(
        await sh(machine, 'ls -A /var/lib/k0s; ls -d /run/k0s /etc/systemd/system/*k0s* 2>/dev/null || true'),
      ).toBe('');
      expect(await sh(machine, 'pgrep -x "etcd|kube.*|containerd.*|k0s" || true')).toBe('');
      await sh(machine, 'k0s reset');
    }
  });
}

if (real) describe('real k0s', () => contract('real'));
else describe.skip(`real k0s (needs root and k0s ${defaultK0sVersion}: set K0S_DIR)`, () => contract('real'));

(root ? describe : describe.skip)('the stand-in for k0s', () => contract('stand-in'));

const run = promisify(execFile);
const patience = { timeoutMs: 90_000, everyMs: 300 };
const disabled = 'metrics-server,coredns,kube-proxy,network-provider,helm,update-prober,windows-node';
const toBase64 = (text: string): string => Buffer.from(text).toString('base64');

function clusterConfig({ address }: Machine): string {
  const spec = {
    api: { address, externalAddress: address },
    network: { provider: 'custom' },
    telemetry: { enabled: false },
    storage: { type: 'etcd', etcd: { extraArgs: { name: 'first' } } },
  };
  return JSON.stringify({
    apiVersion: 'k0s.k0sproject.io/v1beta1',
    kind: 'ClusterConfig',
    metadata: { name: 'k0s' },
    spec,
  });
}

interface Token {
  readonly id: string;
  readonly secret: string;
}

const typed = ({ id, secret }: Token): string[] => [
  '--type=bootstrap.kubernetes.io/token',
  `--from-literal=token-id=${id}`,
  `--from-literal=token-secret=${secret}`,
  '--from-literal=usage-bootstrap-api-auth=true',
  '--from-literal=usage-bootstrap-authentication=true',
  '--from-literal=usage-bootstrap-api-worker-calls=true',
];

function joinToken({ address }: Machine, caPem: string, { id, secret }: Token): string {
  const cluster = { server: `https://${address}:6443`, 'certificate-authority-data': toBase64(caPem) };
  const kubeconfig = {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'k0s', cluster }],
    contexts: [{ name: 'k0s', context: { cluster: 'k0s', user: 'kubelet-bootstrap' } }],
    'current-context': 'k0s',
    users: [{ name: 'kubelet-bootstrap', user: { token: `${id}.${secret}` } }],
  };
  return gzipSync(JSON.stringify(kubeconfig)).toString('base64');
}

/** `name version` of each Ready Node that carries the label of its Machine. */
async function readyNodes(kubectl: (...args: string[]) => Promise<string>): Promise<string[]> {
  const lines = await kubectl('get', 'nodes', '-l', 'k0smotron.io/machine-name=mach-0', '--no-headers');
  return lines.split('\n').flatMap((line) => {
    const [name, state, , , version] = line.split(/\s+/);
    return state === 'Ready' ? [`${name} ${version}`] : [];
  });
}
