import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fakeClock } from '@k0smotron/testing';
import { ConfigError } from './errors.ts';
import { fileCredentials } from './file-credentials.ts';
import { loadKubeConfig } from './load-kube-config.ts';
import { parseKubeConfig } from './parse-kube-config.ts';

let dir: string;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'kubeconfig-'));
});
afterAll(() => rm(dir, { recursive: true }));

const base64 = (text: string): string => Buffer.from(text).toString('base64');
const kubeconfig = (user: object, cluster: object = { 'certificate-authority-data': base64('CA') }): string =>
  JSON.stringify({
    'current-context': 'main',
    contexts: [{ name: 'main', context: { cluster: 'c', user: 'u', namespace: 'ns' } }],
    clusters: [{ name: 'c', cluster: { server: 'https://10.0.0.1:6443', ...cluster } }],
    users: [{ name: 'u', user }],
  });

async function file(name: string, text: string): Promise<string> {
  const path = join(dir, name);
  await mkdir(join(path, '..'), { recursive: true });
  await writeFile(path, text);
  return path;
}

describe('parseKubeConfig', () => {
  it('reads inline certificates and keys', () => {
    const user = { 'client-certificate-data': base64('CERT'), 'client-key-data': base64('KEY') };
    expect(parseKubeConfig(kubeconfig(user))).toMatchObject({
      server: 'https://10.0.0.1:6443',
      caPem: 'CA',
      clientCertPem: 'CERT',
      clientKeyPem: 'KEY',
      namespace: 'ns',
    });
  });

  it.each([
    ['a file name', { tokenFile: '/etc/shadow' }, 'tokenFile'],
    ['a plugin', { exec: { command: 'rm' } }, 'exec'],
  ])('refuses %s: the text may come from anybody', (_, user, named) => {
    expect(() => parseKubeConfig(kubeconfig(user))).toThrow(`kubeconfig: ${named} is not allowed here`);
  });

  it.each([
    ['no YAML', '{"a', 'not YAML'],
    ['nothing', '', 'empty'],
    ['no context', '{}', 'current-context is not set'],
    ['an unknown context', '{"current-context": "x"}', 'no context x'],
    ['no server', kubeconfig({}, { server: '' }), 'no cluster c with a server'],
    ['another scheme', kubeconfig({}, { server: 'file:///etc' }), 'not an http(s) URL'],
  ])('says what is wrong with %s', (_, text, said) => {
    expect(() => parseKubeConfig(text)).toThrow(ConfigError);
    expect(() => parseKubeConfig(text)).toThrow(said);
  });
});

describe('loadKubeConfig', () => {
  it('takes the path before KUBECONFIG', async () => {
    const path = await file('one', kubeconfig({ token: 'one' }));
    const other = await file('two', kubeconfig({ token: 'two' }));
    expect(await loadKubeConfig({ path, env: { KUBECONFIG: other } })).toMatchObject({ token: 'one' });
    expect(await loadKubeConfig({ env: { KUBECONFIG: `/nowhere:${other}` } })).toMatchObject({ token: 'two' });
  });

  it('reads files that the kubeconfig names, relative to it', async () => {
    await file('sub/token', 'from a file\n');
    const path = await file('sub/config', kubeconfig({ tokenFile: 'token' }));
    const config = await loadKubeConfig({ path });
    expect(await config.credentials?.({ renew: false })).toEqual({ token: 'from a file' });
  });

  it('finds the service account of a pod', async () => {
    await Promise.all([file('sa/token', 'T'), file('sa/ca.crt', 'CA'), file('sa/namespace', 'system')]);
    const env = { KUBERNETES_SERVICE_HOST: 'fd00::1', KUBERNETES_SERVICE_PORT: '443' };
    const config = await loadKubeConfig({ env, serviceAccountDir: join(dir, 'sa') });
    expect(config).toMatchObject({ server: 'https://[fd00::1]:443', namespace: 'system' });
    expect(await config.credentials?.({ renew: false })).toEqual({ token: 'T', caPem: 'CA' });
  });

  it('finds the one in the home folder last', async () => {
    await file('home/.kube/config', kubeconfig({ token: 'home' }));
    expect(await loadKubeConfig({ env: { HOME: join(dir, 'home') } })).toMatchObject({ token: 'home' });
  });

  it('takes the token of an OIDC user through the official client', async () => {
    const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
    const idToken = `${part({ alg: 'none' })}.${part({ exp: 4_000_000_000 })}.x`;
    const config = {
      'id-token': idToken,
      'idp-issuer-url': 'https://issuer.example',
      'client-id': 'me',
      'refresh-token': 'r',
    };
    const path = await file('oidc/config', kubeconfig({ 'auth-provider': { name: 'oidc', config } }));
    const { credentials } = await loadKubeConfig({ path });
    expect(await credentials?.({ renew: false })).toEqual({ token: idToken });
  }, 60_000); // the official client takes seconds to load on a busy machine

  describe('with an exec plugin', () => {
    const apiVersion = 'client.authentication.k8s.io/v1';
    const plugin = async (script: string, over: object = {}) => {
      await file('plugins/mint.sh', `#!/bin/sh\n${script}\n`);
      await chmod(join(dir, 'plugins/mint.sh'), 0o755);
      const exec = { apiVersion, command: './mint.sh', interactiveMode: 'Never', ...over };
      const path = await file('plugins/config', kubeconfig({ exec }));
      return (await loadKubeConfig({ path, env: { PATH: '/usr/bin:/bin' } })).credentials;
    };
    const answer = (status: object): string =>
      `echo '${JSON.stringify({ apiVersion, kind: 'ExecCredential', status })}'`;
    const runs = async (): Promise<number> =>
      (await readFile(join(dir, 'plugins/runs'), 'utf8')).split('\n').length - 1;

    it('runs it once while its token lasts, and again when the server refused it', async () => {
      const status = { token: 'minted', expirationTimestamp: '2099-01-01T00:00:00Z' };
      const credentials = await plugin(`echo run >>"$(dirname "$0")/runs"; ${answer(status)}`);
      expect(await credentials?.({ renew: false })).toEqual({ token: 'minted' });
      await Promise.all([credentials?.({ renew: false }), credentials?.({ renew: false })]);
      expect(await runs()).toBe(1);
      await credentials?.({ renew: true });
      expect(await runs()).toBe(2);
    });

    it('runs it again when its token has ended', async () => {
      await rm(join(dir, 'plugins/runs'), { force: true });
      const status = {
        clientCertificateData: 'CERT',
        clientKeyData: 'KEY',
        expirationTimestamp: '2001-01-01T00:00:00Z',
      };
      const credentials = await plugin(`echo run >>"$(dirname "$0")/runs"; ${answer(status)}`);
      expect(await credentials?.({ renew: false })).toEqual({ clientCertPem: 'CERT', clientKeyPem: 'KEY' });
      await credentials?.({ renew: false });
      expect(await runs()).toBe(2);
    });

    it('tells it what it asks for', async () => {
      const over = { provideClusterInfo: true, env: [{ name: 'WHO', value: 'me' }], args: ['a b'] };
      const credentials = await plugin(
        `printf '%s|%s|%s' "$KUBERNETES_EXEC_INFO" "$WHO" "$1" >"$(dirname "$0")/told"; ${answer({ token: 't' })}`,
        over,
      );
      await credentials?.({ renew: false });
      const [info = '', who, argument] = (await readFile(join(dir, 'plugins/told'), 'utf8')).split('|');
      expect(JSON.parse(info)).toMatchObject({ apiVersion, spec: { cluster: { server: 'https://10.0.0.1:6443' } } });
      expect([who, argument]).toEqual(['me', 'a b']);
    });

    it.each([
      ['fails', 'echo "log in first" >&2; exit 3', {}, 'mint.sh failed (3): log in first'],
      ['says something else', 'echo hunter2', {}, 'gave no ExecCredential'],
      ['is not installed', '', { command: 'no-such-plugin', installHint: 'get it from there' }, 'get it from there'],
      ['speaks an old version', '', { apiVersion: 'client.authentication.k8s.io/v1alpha1' }, 'known are'],
      ['needs a terminal', '', { interactiveMode: 'Always' }, 'needs a terminal'],
    ])('says so when it %s', async (_, script, over, said) => {
      const credentials = await plugin(script, over);
      await expect(credentials?.({ renew: false })).rejects.toThrow(said);
      await expect(credentials?.({ renew: false })).rejects.not.toThrow('hunter2');
    });
  });

  it.each([
    ['nothing anywhere', {}, 'no kubeconfig'],
    ['a file that is not there', { path: '/nowhere' }, 'kubeconfig /nowhere: no such file'],
  ])('says in one line what is missing: %s', async (_, options, said) => {
    await expect(loadKubeConfig(options)).rejects.toThrow(said);
    await expect(loadKubeConfig(options)).rejects.toBeInstanceOf(ConfigError);
  });
});

describe('credentials in files', () => {
  it('are read again when they changed, and the last good ones are kept meanwhile', async () => {
    const clock = fakeClock();
    const path = await file('rotating', 'one');
    const credentials = fileCredentials({ token: path }, {}, clock);
    expect(await credentials({ renew: false })).toEqual({ token: 'one' });
    await file('rotating', 'second');
    expect(await credentials({ renew: false })).toEqual({ token: 'one' });
    await clock.advance(1_000);
    expect(await credentials({ renew: false })).toEqual({ token: 'second' });
    await rm(path);
    expect(await credentials({ renew: true })).toEqual({ token: 'second' });
    await file('rotating', '3rd');
    expect(await credentials({ renew: true })).toEqual({ token: '3rd' });
  });

  it('must be there at the start', async () => {
    await expect(fileCredentials({ token: '/nowhere' })({ renew: false })).rejects.toBeInstanceOf(ConfigError);
  });
});
