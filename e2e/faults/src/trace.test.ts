import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { countByKind, firstOfEachMedium, readTrace } from './trace.ts';

const patch = 'api PATCH /apis/infrastructure.cluster.x-k8s.io/v1beta2/namespaces/default/remotemachines/one/status';
const create = 'api POST /api/v1/namespaces/default/secrets';
const command = 'ssh command 192.0.2.1';

describe('a trace', () => {
  it('tells effects and deaths apart, and bears a line that was cut by a death', () => {
    const folder = mkdtempSync(join(tmpdir(), 'trace-'));
    try {
      const path = join(folder, 'trace');
      writeFileSync(path, `7 1 effect ${create}\n7 1 killed sent ${create}\n8 1 effect ${command}\n8 2 eff`);
      expect(readTrace(path)).toEqual({ effects: [create, command], kills: [create], ends: ['sent api POST secrets'] });
      expect(readTrace(join(folder, 'none'))).toEqual({ effects: [], kills: [], ends: [] });
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('counts by kind, whatever the objects are called', () => {
    expect(countByKind([create, command, 'ssh command 192.0.2.2'])).toEqual({
      'ssh command': 2,
      'api POST secrets': 1,
    });
  });

  it('knows the first effect of each medium', () => {
    expect(firstOfEachMedium([command, patch, 'ssh input 192.0.2.1', create, patch, command])).toEqual([
      ['ssh command', 1],
      ['api PATCH', 2],
      ['ssh input', 3],
      ['api POST', 4],
    ]);
  });
});
