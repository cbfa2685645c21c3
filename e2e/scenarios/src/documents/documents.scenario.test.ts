import { glob, readFile, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Namespace } from '@k0smotron/api';
import { binary } from '@k0smotron/lab';
import { loadAll } from 'js-yaml';
import { applyManifests } from '../cluster/apply.ts';
import type { Manifest } from '../cluster/manifests.ts';
import { ensureBundles } from '../demo/ensure-bundles.ts';
import { hostsCluster } from '../remote-machine/objects.ts';
import { claims } from '../remote-machine/pool.ts';
import { repository } from '../system/repository.ts';
import { startSystem, type System } from '../system/start-system.ts';
import { documents } from './blocks.ts';
import { commandLines, verdictOn } from './commands.ts';
import { privateCache, type PrivateCache } from './private-cache.ts';
import { runLines, runProgram } from './run-document.ts';

const all = await documents(repository);
const blocks = [...all.values()].flat();
const shells = blocks.filter(({ language }) => language === 'sh');
const manifests = blocks.filter(({ language }) => language === 'yaml');
const programs = blocks.filter(({ language }) => language === 'js');
const samples: string[] = [];
for await (const file of glob('deploy/samples/*.yaml', { cwd: repository })) samples.push(file);
const withCommands = [...all.keys()].filter((file) =>
  shells.some((block) => block.file === file && commandLines(block).some((line) => verdictOn(line).kind === 'run')),
);

/** A host that nobody will reach, since its key is nowhere. */
const host: Manifest = {
  apiVersion: 'infrastructure.cluster.x-k8s.io/v1beta2',
  kind: 'PooledRemoteMachine',
  metadata: { name: 'for-facts', namespace: 'default' },
  spec: { pool: 'for-facts', machine: { address: '192.0.2.20', sshKeyRef: { name: 'no-such-key' } } },
};

describe('the documents', () => {
  const cacheBefore = process.env['K0SMOTRON_CACHE'];
  let cache: PrivateCache;
  let system: System;
  let env: Record<string, string>;

  beforeAll(async () => {
    await ensureBundles();
    cache = await privateCache();
    process.env['K0SMOTRON_CACHE'] = cache.folder;
    system = await startSystem();
    env = {
      K0SMOTRON_CACHE: cache.folder,
      KUBECONFIG: system.controlPlane.kubeconfigPath,
      PATH: `${dirname(await binary('kubectl'))}:${process.env['PATH'] ?? ''}`,
      NATS_URL: system.nats.url,
    };
  }, 240_000);
  afterAll(async () => {
    await system?.close();
    await runLines([{ place: 'after', text: 'npm run -s lab -- down --all' }], env); // of a document that failed halfway
    if (cacheBefore === undefined) delete process.env['K0SMOTRON_CACHE'];
    else process.env['K0SMOTRON_CACHE'] = cacheBefore;
    await cache?.remove();
  }, 120_000);

  /** As `kubectl apply` would, with strict fields, schemas, conversion and core's admission; nothing is stored. */
  const tryOut = async (text: string): Promise<void> => {
    for (const { metadata } of loadAll(text) as Manifest[]) {
      const { namespace } = metadata;
      if (namespace) await system.kube.apply(Namespace, { metadata: { name: namespace } }, { fieldManager: 'reader' });
    }
    const file = `${system.lab.dir}/document.yaml`;
    await writeFile(file, text);
    expect(await system.controlPlane.kubectl('apply', '--dry-run=server', '-f', file)).toContain('(server dry run)');
  };

  it.each(manifests.map(({ file, line, text }) => [`${file}:${line}`, text]))(
    'hold manifests that the API server takes: %s',
    (_place, text = '') => tryOut(text),
  );

  it.each(samples)('link to manifests that the API server takes: %s', async (file) =>
    tryOut(await readFile(`${repository}/${file}`, 'utf8')),
  );

  it('hold no command that nobody runs', () => {
    for (const line of shells.flatMap(commandLines)) verdictOn(line);
  });

  it.each(withCommands)(
    'can be followed: %s',
    async (file) => {
      const lines = shells.filter((block) => block.file === file).flatMap(commandLines);
      const makesLab = lines.some(({ text }) => /lab -- (up|machine up)|run demo/.test(text));
      const ownManifests = manifests.filter((block) => block.file === file).flatMap(({ text }) => loadAll(text));
      if (!makesLab && ownManifests.length > 0) await applyManifests(system, ownManifests as Manifest[]);
      const { code, output } = await runLines(
        lines.filter((line) => verdictOn(line).kind === 'run'),
        makesLab ? env : { ...env, K0SMOTRON_LAB_NAME: system.lab.name },
      );
      if (code !== 0) throw new Error(`it failed with ${code}:\n${output.split('\n').slice(-40).join('\n')}`);
    },
    600_000,
  );

  it.each(programs.map(({ file, line, text }) => [`${file}:${line}`, text]))(
    'hold programs that hear of facts: %s',
    async (_place, text = '') => {
      await applyManifests(system, [...hostsCluster(), host, ...claims('for-facts', ['hears'], '#cloud-config\n')]);
      const { output } = await runProgram(text, env);
      expect(output).toMatch(/remotemachine\.reserved\.v1 RemoteMachine default hears/);
      const seen = { place: 'facts', text: 'npm run -s lab -- facts' };
      const facts = await runLines([seen], { ...env, K0SMOTRON_LAB_NAME: system.lab.name });
      expect(facts.output).toMatch(/"subject":.*"hears"|"name":"hears"/);
    },
    60_000,
  );
});
