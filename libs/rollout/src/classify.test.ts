import { expect, it } from '@jest/globals';
import { changeFor } from './classify.ts';

const same = { version: false, config: false, template: false, expired: false };

it.each([
  { differs: {}, change: 'nothing' },
  { differs: { version: true }, change: 'in place' },
  { differs: { config: true }, change: 'replace' },
  { differs: { template: true }, change: 'replace' },
  { differs: { expired: true }, change: 'replace' },
  { differs: { version: true, expired: true }, change: 'replace' },
] as const)('$differs asks for: $change', ({ differs, change }) => {
  expect(changeFor({ ...same, ...differs })).toBe(change);
});
