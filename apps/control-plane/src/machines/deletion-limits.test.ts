import { describe, expect, it } from '@jest/globals';
import { deletionLimits } from './deletion-limits.ts';

describe('the limits of a deletion', () => {
  it.each([
    { template: {}, limits: {} },
    { template: { nodeDrainTimeout: '1h30m' }, limits: { nodeDrainTimeoutSeconds: 5400 } },
    { template: { nodeDeletionTimeout: '0s' }, limits: { nodeDeletionTimeoutSeconds: 0 } },
    { template: { nodeVolumeDetachTimeout: '10ms' }, limits: { nodeVolumeDetachTimeoutSeconds: 1 } }, // 0 would be no limit
    { template: { nodeDrainTimeout: 'a while' }, limits: {} },
    {
      template: { nodeDrainTimeout: '5m', spec: { deletion: { nodeDrainTimeoutSeconds: 7 } } },
      limits: { nodeDrainTimeoutSeconds: 7 },
    },
  ])('of $template are $limits', ({ template, limits }) => {
    expect(deletionLimits(template as never)).toEqual(limits);
  });
});
