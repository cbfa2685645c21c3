import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { controllerPlan, workerPlan, type BootstrapSettings } from './bootstrap.ts';
import { renderControllerConfig } from './config.ts';
import { downloadCommands } from './download.ts';

const settings: BootstrapSettings = {
  machineName: 'm-0',
  version: 'v1.34.4',
  preK0sCommands: ['echo before'],
  postK0sCommands: ['echo after'],
  files: [{ path: '/etc/mine', content: 'x' }],
};
const pair = (name: string) => ({ certPem: `${name} cert`, keyPem: `${name} key` });
const pki = { ca: pair('ca'), etcd: pair('etcd'), proxy: pair('proxy'), sa: pair('sa') };

describe('workerPlan', () => {
  const plan = workerPlan(settings, 'TOKEN');

  it('writes the token for root alone, then the user’s files', () => {
    expect(plan.files).toEqual([
      { path: '/etc/k0s.token', content: 'TOKEN', permissions: '0600' },
      { path: '/etc/mine', content: 'x' },
    ]);
  });

  it('runs user commands, download, install, start, user commands, sentinel in this order', () => {
    const order = ['echo before', 'mkdir -p', 'get.k0s.sh', 'install worker', 'k0sworker', 'echo after', 'touch /run'];
    expect(plan.commands).toHaveLength(order.length);
    plan.commands.forEach((command, at) => expect(command).toContain(order[at]));
  });

  it('installs with the token and the Machine’s name', () => {
    expect(plan.commands.find((command) => command.includes('install worker'))).toBe(
      '/usr/local/bin/k0s install worker --force --token-file /etc/k0s.token ' +
        '--labels=k0smotron.io/machine-name=m-0 --kubelet-extra-args=--hostname-override=m-0',
    );
  });

  it('puts the token into the working directory and skips the download of a pre-installed k0s', () => {
    const moved = workerPlan({ ...settings, workingDir: '/opt/k0s/', preInstalledK0s: true }, 'TOKEN');
    expect(moved.files[0]?.path).toBe('/opt/k0s/k0s.token');
    expect(moved.commands.join('\n')).not.toContain('curl');
  });
});

describe('controllerPlan', () => {
  const config = renderControllerConfig({ machineName: 'm-0', endpointHost: '10.0.0.1' });

  it('gives the first controller its keys, private ones for root alone', () => {
    const { files } = controllerPlan(settings, config, { kind: 'first', pki });
    const modes = Object.fromEntries(files.map(({ path, permissions }) => [path, permissions]));
    expect(modes).toEqual({
      '/etc/k0s.yaml': '0600',
      '/var/lib/k0s/pki/ca.crt': '0644',
      '/var/lib/k0s/pki/ca.key': '0600',
      '/var/lib/k0s/pki/etcd/ca.crt': '0644',
      '/var/lib/k0s/pki/etcd/ca.key': '0600',
      '/var/lib/k0s/pki/front-proxy-ca.crt': '0644',
      '/var/lib/k0s/pki/front-proxy-ca.key': '0600',
      '/var/lib/k0s/pki/sa.pub': '0644',
      '/var/lib/k0s/pki/sa.key': '0600',
      '/etc/mine': undefined,
    });
  });

  it('gives a joining controller a token and no keys', () => {
    const plan = controllerPlan({ ...settings, args: ['--debug'] }, config, { kind: 'joins', joinToken: 'TOKEN' });
    expect(plan.files.map(({ path }) => path)).toEqual(['/etc/k0s.yaml', '/etc/k0s.token', '/etc/mine']);
    expect(plan.commands.find((command) => command.includes('install controller'))).toBe(
      '/usr/local/bin/k0s install controller --force --enable-dynamic-config --env AUTOPILOT_HOSTNAME=m-0 ' +
        '--debug --config /etc/k0s.yaml --token-file /etc/k0s.token',
    );
  });

  it('labels the node only of a controller that runs a kubelet, and follows a moved data directory', () => {
    const plan = controllerPlan({ ...settings, args: ['--enable-worker', '--data-dir=/data'] }, config, {
      kind: 'first',
      pki,
    });
    expect(plan.commands.join('\n')).toContain('--labels=k0smotron.io/machine-name=m-0');
    expect(plan.files.some(({ path }) => path === '/data/pki/ca.key')).toBe(true);
  });

  it('is good shell throughout', () => {
    const { commands } = controllerPlan(settings, config, { kind: 'first', pki });
    for (const command of commands) execFileSync('sh', ['-n', '-c', command]);
  });
});

describe('downloadCommands, run by a real shell', () => {
  let dir = '';
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'k0s-download-'));
    mkdirSync(join(dir, 'path'));
  });
  afterEach(() => rmSync(dir, { recursive: true }));

  /** A curl that writes `body` or fails. */
  const fakeCurl = (body: string | undefined): void => {
    const script =
      body === undefined ? 'exit 22' : `while [ "$1" != -o ]; do shift; done; printf '%s' '${body}' > "$2"`;
    writeFileSync(join(dir, 'path', 'curl'), `#!/bin/sh\n${script}\n`);
    chmodSync(join(dir, 'path', 'curl'), 0o755);
  };
  const run = (commands: readonly string[]): number => {
    for (const command of commands) {
      const { status } = spawnSync('sh', ['-c', command], {
        env: { PATH: `${join(dir, 'path')}:${process.env.PATH}`, TMPDIR: dir },
      });
      if (status !== 0) return status ?? -1;
    }
    return 0;
  };
  const k0sPath = (): string => join(dir, 'bin', 'k0s');
  const url = 'https://example.test/k0s';

  it('puts an executable in place', () => {
    fakeCurl('program');
    expect(run(downloadCommands({ k0sPath: k0sPath(), url }))).toBe(0);
    expect(readFileSync(k0sPath(), 'utf8')).toBe('program');
    expect(statSync(k0sPath()).mode & 0o777).toBe(0o755);
  });

  it('fails when the download fails', () => {
    fakeCurl(undefined);
    expect(run(downloadCommands({ k0sPath: k0sPath(), url }))).not.toBe(0);
    expect(run(downloadCommands({ k0sPath: k0sPath() }))).not.toBe(0);
  });

  it('fails on a wrong checksum and leaves no program', () => {
    fakeCurl('program');
    expect(run(downloadCommands({ k0sPath: k0sPath(), url, sha256: '0'.repeat(64) }))).not.toBe(0);
    expect(() => statSync(k0sPath())).toThrow();
  });

  it('accepts the right checksum', () => {
    fakeCurl('program');
    const sha256 = execFileSync('sh', ['-c', 'printf program | sha256sum']).toString().slice(0, 64);
    expect(run(downloadCommands({ k0sPath: k0sPath(), url, sha256 }))).toBe(0);
  });

  it('runs k0s’s installer with folder and version, and fails when that fails', () => {
    fakeCurl(`echo "$K0S_VERSION" > "$K0S_INSTALL_PATH/k0s"`);
    expect(run(downloadCommands({ k0sPath: k0sPath(), version: 'v1.34.4' }))).toBe(0);
    expect(readFileSync(k0sPath(), 'utf8').trim()).toBe('v1.34.4+k0s.0');
    fakeCurl('exit 7');
    expect(run(downloadCommands({ k0sPath: k0sPath(), url: 'https://get.k0s.sh' }))).not.toBe(0);
  });

  it('fetches from a registry with oras', () => {
    const [, fetch] = downloadCommands({ k0sPath: '/usr/local/bin/k0s', url: 'oci://reg.example/k0s@sha256:1' });
    expect(fetch).toBe(
      'HOME=${HOME:-~root} oras blob fetch --output /usr/local/bin/k0s.download reg.example/k0s@sha256:1',
    );
  });

  it.each(['ftp://x/k0s', 'not a url', 'file:///k0s'])('refuses %j and says what to write', (bad) => {
    expect(() => downloadCommands({ k0sPath: '/k0s', url: bad })).toThrow('http, https or oci');
  });
});
