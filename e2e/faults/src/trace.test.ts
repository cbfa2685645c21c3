import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { countByKind, firstOfEachMedium, kindOf, readTrace } from './trace.ts';

const patch = 'api PATCH /apis/infrastructure.cluster.x-k8s.io/v1beta2/namespaces/default/remotemachines/one/status';
const create = 'api POST /api/v1/namespaces/default/secrets';

describe('a trace', () => {
  it('tells effects and deaths apart, and bears a line that was cut by a death', () => {
    const folder = mkdtempSync(join(tmpdir(), 'trace-'));
    try {
      const path = join(folder, 'trace');
      writeFileSync(path, `7 1 effect ${create}\n7 1 killed ${create}\n8 1 effect ssh 192.0.2.1 packet 1\n8 2 eff`);
      expect(readTrace(path)).toEqual({ effects: [create, 'ssh 192.0.2.1 packet 1'], kills: [create] });
      expect(readTrace(join(folder, 'none'))).toEqual({ effects: [], kills: [] });
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('counts by kind, whatever the objects are called', () => {
    expect(kindOf(patch)).toBe('api PATCH remotemachines/status');
    expect(kindOf(create)).toBe('api POST secrets');
    expect(kindOf('nats k0smotron.infrastructure.default.hosts.remotemachine.reserved')).toBe('nats publish');
    expect(countByKind([create, 'ssh a packet 1', 'ssh b packet 9'])).toEqual([
      ['ssh packet', 2],
      ['api POST secrets', 1],
    ]);
  });

  it('knows the first effect of each medium', () => {
    expect(firstOfEachMedium(['ssh a packet 1', patch, 'ssh a packet 2', create, patch])).toEqual([
      ['ssh', 1],
      ['api PATCH', 2],
      ['api POST', 4],
    ]);
  });
});
