import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { load } from 'js-yaml';

import { clusterctlConfig, writeClusterctlRepository } from './clusterctl-repository.ts';

describe("the lab's clusterctl repository", () => {
  const core = { version: 'v1.13.6', components: 'kind: Namespace\n' };
  const ours = { name: 'ours', type: 'AddonProvider', url: 'file:///releases/addon-ours/v1.0.0/addon-components.yaml' };
  let lab: { dir: string; name: string };
  let providersFile: string;

  beforeEach(() => {
    lab = { dir: mkdtempSync(join(tmpdir(), 'k0smotron-clusterctl-')), name: 'lab' };
    providersFile = join(lab.dir, 'providers.yaml');
    writeFileSync(providersFile, JSON.stringify({ providers: [ours] }));
  });
  afterEach(() => rmSync(lab.dir, { recursive: true }));

  it('gives core and cert-manager as files, beside the providers of a release', () => {
    const manifest = join(lab.dir, 'downloaded.yaml');
    writeFileSync(manifest, 'kind: List\n');
    writeClusterctlRepository(lab, core, { version: 'v1.21.1', manifest });

    const folder = join(lab.dir, 'clusterctl');
    const url = `file://${folder}/cluster-api/v1.13.6/core-components.yaml`;
    expect(load(clusterctlConfig(lab, providersFile))).toEqual({
      providers: [{ name: 'cluster-api', type: 'CoreProvider', url }, ours],
      'cert-manager': { version: 'v1.21.1', url: `file://${folder}/cert-manager/v1.21.1/cert-manager.yaml` },
    });
    expect(readFileSync(new URL(url), 'utf8')).toBe(core.components);
    expect(load(readFileSync(`${folder}/cluster-api/v1.13.6/metadata.yaml`, 'utf8'))).toMatchObject({
      releaseSeries: [{ major: 1, minor: 13, contract: 'v1beta2' }],
    });
    expect(readFileSync(`${folder}/cert-manager/v1.21.1/cert-manager.yaml`, 'utf8')).toBe('kind: List\n');
  });

  it('leaves cert-manager to clusterctl where its programs are not', () => {
    writeClusterctlRepository(lab, core, undefined);
    expect(load(clusterctlConfig(lab, providersFile))).not.toHaveProperty('cert-manager');
  });

  it('is told to be missing where no cluster with a kubelet was started', () => {
    expect(() => clusterctlConfig(lab, providersFile)).toThrow('lab lab has no cluster with a kubelet');
  });
});
