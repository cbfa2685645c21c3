import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { connect } from 'node:tls';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { K0sWorkerConfig } from '@k0smotron/api';
import { messageOf, type Kind, type KubeObject } from '@k0smotron/core';
import { connectKube, loadKubeConfig, type KubeClient } from '@k0smotron/kube';
import {
  claimPort,
  openLab,
  startControlPlane,
  startProcess,
  type ControlPlane,
  type Lab,
  type LabProcess,
} from '@k0smotron/lab';
import { eventually } from '@k0smotron/testing';

const root = join(import.meta.dirname, '../../..');
const provider = join(root, 'deploy/providers/bootstrap');
const outside = 'k0smotron-outside';
/** A certificate of so short a life is followed by the next after 28 seconds, eight of which the next is only registered. */
const life = '40s';

const OldConfig: Kind<KubeObject & { spec: Pick<K0sWorkerConfig['spec'], 'version' | 'args'> }> = {
  ...K0sWorkerConfig,
  version: 'v1beta1',
};
const config = (name: string, args: string[]) => ({
  metadata: { name, namespace: 'default' },
  spec: { version: 'v1.34.4+k0s.0', args },
});

let lab: Lab;
let controlPlane: ControlPlane;
let kube: KubeClient;
let service: LabProcess;
let port: number;

/** What the guide tells an operator to do, with its own manifests. */
async function followGuide(): Promise<string> {
  const guide = await readFile(join(root, 'docs/guide/outside.md'), 'utf8');
  const rights = /```yaml\n(.*?)```/s.exec(guide)?.[1] ?? '';
  const file = join(lab.dir, 'rights.yaml');
  await writeFile(file, rights);
  await controlPlane.kubectl('create', 'namespace', outside);
  await controlPlane.kubectl('apply', '-k', join(provider, 'crds'));
  await controlPlane.kubectl('apply', '-n', outside, '-f', join(provider, 'rbac.yaml'));
  await controlPlane.kubectl('apply', '-f', file);
  const token = (await controlPlane.kubectl('create', 'token', 'outside', '-n', outside)).trim();
  const { url: server, caPem } = controlPlane;
  const cluster = { server, 'certificate-authority-data': Buffer.from(caPem).toString('base64') };
  const path = join(lab.dir, 'outside.kubeconfig');
  const kubeconfig = {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'lab', cluster }],
    users: [{ name: 'outside', user: { token } }],
    contexts: [{ name: 'lab', context: { cluster: 'lab', user: 'outside' } }],
    'current-context': 'lab',
  };
  await writeFile(path, JSON.stringify(kubeconfig), { mode: 0o600 });
  return path;
}

beforeAll(async () => {
  lab = await openLab();
  controlPlane = await startControlPlane(lab);
  kube = connectKube(await loadKubeConfig({ path: controlPlane.kubeconfigPath }));
  const kubeconfig = await followGuide();
  port = await claimPort(lab);
  const health = `127.0.0.1:${await claimPort(lab)}`;
  service = await startProcess(lab, {
    name: 'bootstrap-outside',
    command: process.execPath,
    args: [
      '--disable-warning=ExperimentalWarning',
      join(root, 'apps/bootstrap/src/main.ts'),
      `--kubeconfig=${kubeconfig}`,
      '--leader-elect',
      `--leader-elect-namespace=${outside}`,
      `--webhook-url=https://localhost:${port}`,
      `--webhook-cert-duration=${life}`,
      `--webhook-port=${port}`,
      `--health-addr=${health}`,
      '--diagnostics-address=0',
    ],
  });
  const ready = async (): Promise<void> => {
    if (!service.running()) throw new Error(`the service has ended: see ${service.logPath}`);
    const response = await fetch(`http://${health}/readyz`);
    if (!response.ok) throw new Error(await response.text());
  };
  await eventually(ready, { timeoutMs: 90_000, everyMs: 250, what: 'a ready service' });
}, 180_000);

afterAll(async () => {
  await kube?.close();
  await lab?.close();
});

/** The serial number of the certificate that is served to a new connection. */
const served = (): Promise<string> =>
  new Promise((resolve, reject) => {
    const socket = connect({ port, host: 'localhost', rejectUnauthorized: false }, () => {
      resolve(socket.getPeerCertificate().serialNumber);
      socket.destroy();
    });
    socket.setTimeout(5000, () => socket.destroy(new Error('the webhook port does not answer')));
    socket.on('error', reject);
  });

/** What is wrong with a conversion and a refusal just now; nothing, if all is well. */
async function problems(): Promise<string[]> {
  const converted = await kube
    .create(OldConfig, config('asked', ['--labels=a=b']), { dryRun: true })
    .then(({ apiVersion }) => (apiVersion.endsWith('/v1beta1') ? '' : `came as ${apiVersion}`), messageOf);
  const refused = await kube
    .create(K0sWorkerConfig, config('wrong', ['--labels="open']) as never, { dryRun: true })
    .then(() => 'a wrong object was let in', messageOf);
  return [converted, ...(refused.includes('denied the request: spec.args') ? [] : [refused])].filter(Boolean);
}

describe('a service outside of a cluster', () => {
  it('converts and refuses by a certificate that it made itself', async () => {
    // The API server learns of a registration by a watch of its own.
    await eventually(async () => expect(await problems()).toEqual([]), { timeoutMs: 30_000 });
    await kube.create(OldConfig, config('old', ['--labels=a=b']));
    const stored = await kube.get(K0sWorkerConfig, { namespace: 'default', name: 'old' });
    expect(stored).toMatchObject({
      apiVersion: 'bootstrap.cluster.x-k8s.io/v1beta2',
      spec: { args: ['--labels=a=b'] },
    });
    const old = await kube.get(OldConfig, { namespace: 'default', name: 'old' });
    expect(old?.spec).toMatchObject({ version: 'v1.34.4+k0s.0', args: ['--labels=a=b'] });
  }, 60_000);

  it('changes the certificate while requests go on, and none fails', async () => {
    const seen = new Set([await served()]);
    const failures: string[] = [];
    let asked = 0;
    await eventually(
      async () => {
        failures.push(...(await problems()));
        asked += 1;
        seen.add(await served());
        if (seen.size < 2 && failures.length === 0) throw new Error(`${seen.size} certificates so far`);
      },
      { timeoutMs: 120_000, everyMs: 20, what: 'the next certificate' },
    );
    expect(failures).toEqual([]);
    expect(asked).toBeGreaterThan(seen.size);
    expect(service.running()).toBe(true);
  }, 150_000);
});
