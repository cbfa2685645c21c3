import { describe, expect, it } from '@jest/globals';
import { flagsIn, flagsPage } from './flags-page.ts';

const help = (own = ''): string => `k0smotron-toy: the toy service of k0smotron.

Flags (each may be given as the environment variable in brackets instead):
  --nats-url url
        NATS server for facts, e.g. nats://nats:4222; no facts are sent unless given. [K0SMOTRON_NATS_URL]
${own}  -v int
        Verbosity of the log. (default 2) [K0SMOTRON_V]
  --help
        Print this text.
`;
const jobs = `  --host-jobs int
        Hosts at once. (default 50) [K0SMOTRON_HOST_JOBS]
`;

describe('the reference page of flags', () => {
  it('reads every flag of a help text, with default and variable where it has them', () => {
    expect(flagsIn(help(jobs)).map(({ flag, fallback, variable }) => [flag, fallback, variable])).toEqual([
      ['--nats-url url', '', 'K0SMOTRON_NATS_URL'],
      ['--host-jobs int', '50', 'K0SMOTRON_HOST_JOBS'],
      ['-v int', '2', 'K0SMOTRON_V'],
      ['--help', '', ''],
    ]);
  });

  it('tells shared flags once and the rest under their service', () => {
    const page = flagsPage(new Map(Object.entries({ a: help(jobs), b: help() })));
    expect(page.match(/--nats-url/g)).toHaveLength(1);
    expect(page).toContain('## a only');
    expect(page).not.toContain('## b only');
  });
});
