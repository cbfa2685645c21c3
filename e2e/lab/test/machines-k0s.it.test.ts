import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { eventually } from '@k0smotron/testing';

import { openLab } from '../src/open-lab.ts';
import type { Lab } from '../src/lab.ts';
import { defaultK0sVersion, k0sBinary, k0sVersions } from '../src/machines/k0s-binary.ts';
import type { Machine } from '../src/machines/machine.ts';
import { serveFiles } from '../src/machines/serve-files.ts';
import type { FileServer } from '../src/machines/serve-files.ts';
import { startMachines } from '../src/machines/start-machines.ts';

const possible = process.getuid?.() === 0 && k0sVersions().includes(defaultK0sVersion);
const describeWithK0s = possible ? describe : describe.skip;

const disabled = 'metrics-server,coredns,kube-proxy,network-provider,helm,update-prober,windows-node';

function clusterConfig(address: string): string {
  const spec = {
    api: { address, sans: [address] },
    network: { provider: 'custom', podCIDR: '10.244.0.0/16' },
    telemetry: { enabled: false },
  };
  return JSON.stringify({
    apiVersion: 'k0s.k0sproject.io/v1beta1',
    kind: 'ClusterConfig',
    metadata: { name: 'k0s' },
    spec,
  });
}

/** Runs a command that must succeed. */
async function sh(machine: Machine, command: string): Promise<string> {
  const { code, stdout, stderr } = await machine.exec(command);
  if (code !== 0) throw new Error(`${command}: exit code ${code}: ${stderr}`);
  return stdout;
}

describeWithK0s('machines with the parts of k0s', () => {
  let lab: Lab;
  let controller: Machine;
  let worker: Machine;
  let server: FileServer | undefined;

  beforeAll(async () => {
    lab = await openLab();
    const k0s = await k0sBinary();
    [controller, worker] = (await startMachines(lab, 2, { parts: true })) as [Machine, Machine];
    server = await serveFiles(lab, `${k0s.layer}/usr/local/bin`);
  }, 1_800_000); // builds of the parts, when nothing is cached

  afterAll(async () => {
    await server?.close();
    await lab.close();
  });

  it('have no k0s of their own and can download it', async () => {
    for (const machine of [controller, worker]) {
      expect((await machine.exec('command -v k0s')).code).not.toBe(0);
      await sh(machine, `curl -sSfo /usr/local/bin/k0s ${server?.url}/k0s && chmod 755 /usr/local/bin/k0s`);
      expect(await sh(machine, 'k0s version')).toBe(`${defaultK0sVersion}\n`);
    }
  });

  it('run a real controller', async () => {
    await sh(controller, `echo '${clusterConfig(controller.address)}' >/etc/k0s.yaml`);
    await sh(controller, `k0s install controller --config /etc/k0s.yaml --disable-components=${disabled} && k0s start`);
    await eventually(async () => expect(await sh(controller, 'k0s kubectl get --raw /readyz')).toBe('ok'), {
      timeoutMs: 90_000,
      everyMs: 300,
    });
  });

  it('run a real worker whose Node becomes Ready', async () => {
    const token = await sh(controller, 'k0s token create --role=worker');
    await sh(
      worker,
      `umask 077; echo '${token.trim()}' >/etc/k0s.token; k0s install worker --token-file /etc/k0s.token && k0s start`,
    );
    await eventually(
      async () => {
        const nodes = await sh(controller, 'k0s kubectl get nodes --no-headers');
        expect(nodes).toMatch(new RegExp(`^${worker.name} +Ready .*v1\\.34\\.4\\+k0s`, 'm'));
      },
      { timeoutMs: 90_000, everyMs: 300 },
    );
  });

  it('are a host again after k0s reset, with the lab’s parts still in place', async () => {
    for (const machine of [worker, controller]) {
      await sh(machine, 'k0s stop && k0s reset');
      expect(await sh(machine, 'ls -A /var/lib/k0s')).toBe('');
      expect(
        await sh(machine, 'command -v kubelet containerd konnectivity-server runc; ls /etc/k0s/containerd.d'),
      ).toContain('lab.toml');
    }
  });

  it('can come with k0s pre-installed', async () => {
    const [machine] = await startMachines(lab, 1, { preInstalledK0s: true });
    expect(await sh(machine!, 'k0s version')).toBe(`${defaultK0sVersion}\n`);
    expect(await sh(machine!, 'rm /usr/local/bin/k0s; ls /usr/local/bin')).not.toContain('k0s');
  });
});
