import { describe, expect, it } from '@jest/globals';

import { chooseKind } from './choose-driver.ts';
import type { Surroundings } from './choose-driver.ts';

const noRoot = 'machines need root: run this as root, or with sudo';

function surroundings(wanted: string | undefined, lacking: string | undefined, docker: boolean): Surroundings {
  return { wanted, missingForNspawn: () => Promise.resolve(lacking), hasDocker: () => Promise.resolve(docker) };
}

describe('the kind of machines', () => {
  it.each([
    { wanted: undefined, lacking: undefined, docker: true, kind: 'nspawn' },
    { wanted: undefined, lacking: noRoot, docker: true, kind: 'containers' },
    { wanted: '', lacking: undefined, docker: false, kind: 'nspawn' },
    { wanted: 'containers', lacking: undefined, docker: true, kind: 'containers' },
    { wanted: 'nspawn', lacking: noRoot, docker: true, kind: 'nspawn' }, // which then says what is missing
  ])('is $kind when $wanted is wanted, nspawn lacks $lacking, Docker answers: $docker', async (row) => {
    expect(await chooseKind(surroundings(row.wanted, row.lacking, row.docker))).toBe(row.kind);
  });

  it('is refused in one line that says what is missing of both', async () => {
    await expect(chooseKind(surroundings(undefined, noRoot, false))).rejects.toThrow(
      /^machines need root: run this as root, or with sudo; or a Docker daemon, and none answers `docker info`$/,
    );
  });

  it('is refused when it is no kind', async () => {
    await expect(chooseKind(surroundings('podman', undefined, true))).rejects.toThrow('nspawn and containers');
  });
});
