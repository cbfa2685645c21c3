import { describe, expect, it } from '@jest/globals';
import { integerFlag } from './flag.ts';
import { loadServiceConfig, type Environment } from './service-config.ts';

const load = (argv: readonly string[], env: Environment = {}) =>
  loadServiceConfig({
    name: 'infrastructure',
    argv,
    env,
    flags: { hostJobs: integerFlag('host-jobs', 50, 'Scripts at once.', { min: 1 }) },
  });

describe('flags', () => {
  it('have defaults that Cluster API users know', () => {
    expect(load([])).toMatchObject({
      leaderElect: false,
      healthAddress: { port: 9440 },
      diagnosticsAddress: { port: 8443 },
      insecureDiagnostics: false,
      namespace: '',
      webhookPort: 9443,
      concurrency: 10,
      syncPeriodMs: 600_000,
      verbosity: 2,
      hostJobs: 50,
    });
  });

  it.each([
    [['--leader-elect'], { leaderElect: true }],
    [['--leader-elect=false'], { leaderElect: false }],
    [['-leader-elect', '--concurrency', '3'], { leaderElect: true, concurrency: 3 }],
    [['--concurrency=7'], { concurrency: 7 }],
    [['-v=5'], { verbosity: 5 }],
    [['-v', '5'], { verbosity: 5 }],
    [['--v=5'], { verbosity: 5 }],
    [['--health-addr=:8081'], { healthAddress: { port: 8081 } }],
    [['--health-addr=127.0.0.1:0'], { healthAddress: { host: '127.0.0.1', port: 0 } }],
    [['--health-addr=[::1]:80'], { healthAddress: { host: '::1', port: 80 } }],
    [['--diagnostics-address=0'], { diagnosticsAddress: undefined }],
    [['--sync-period=1h30m'], { syncPeriodMs: 5_400_000 }],
    [['--sync-period', '500ms'], { syncPeriodMs: 500 }],
    [['--host-jobs=5'], { hostJobs: 5 }],
    [['--nats-url=nats://a=b:4222'], { natsUrl: 'nats://a=b:4222' }],
    [['--nats-cert-dir=/etc/nats', '--nats-replicas=3'], { natsCertDir: '/etc/nats', natsReplicas: 3 }],
  ])('%j', (argv, expected) => {
    expect(load(argv)).toMatchObject(expected);
  });

  it('fall back to the environment, and go before it', () => {
    const env = {
      K0SMOTRON_LEADER_ELECT: 'true',
      K0SMOTRON_CONCURRENCY: '4',
      K0SMOTRON_V: '6',
      K0SMOTRON_HOST_JOBS: '9',
    };
    expect(load(['--concurrency=5'], env)).toMatchObject({
      leaderElect: true,
      concurrency: 5,
      verbosity: 6,
      hostJobs: 9,
    });
  });

  it('know the pod', () => {
    expect(load([], { POD_NAMESPACE: 'sys', POD_NAME: 'p-1' })).toMatchObject({ podNamespace: 'sys', podName: 'p-1' });
  });

  it('leave variables alone that Kubernetes adds for Services of ours', () => {
    const env = {
      K0SMOTRON_WEBHOOK_SERVICE_SERVICE_HOST: '10.0.0.1',
      K0SMOTRON_WEBHOOK_SERVICE_SERVICE_PORT: '443',
      K0SMOTRON_WEBHOOK_SERVICE_SERVICE_PORT_HTTPS: '443',
      K0SMOTRON_WEBHOOK_SERVICE_PORT: 'tcp://10.0.0.1:443',
      K0SMOTRON_WEBHOOK_SERVICE_PORT_443_TCP: 'tcp://10.0.0.1:443',
      K0SMOTRON_WEBHOOK_SERVICE_PORT_443_TCP_ADDR: '10.0.0.1',
      K0SMOTRON_WEBHOOK_PORT: 'tcp://10.0.0.1:443', // of a Service named k0smotron-webhook
    };
    expect(load([], env).webhookPort).toBe(9443);
    expect(load([], { K0SMOTRON_WEBHOOK_PORT: '9999' }).webhookPort).toBe(9999);
  });

  it('leave variables of our own tools alone', () => {
    const env = { K0SMOTRON_CACHE: '/x', K0SMOTRON_LAB_PROCESS: '1', K0SMOTRON_TEST_FULL: '1' };
    expect(load([], env).concurrency).toBe(10);
  });

  it.each([
    [['--no-such'], {}, 'unknown flag --no-such: see --help'],
    [['--token=hunter22'], {}, 'unknown flag --token: see --help'],
    [['words'], {}, 'unknown flag words: see --help'],
    [['--concurrency'], {}, 'flag --concurrency needs a value'],
    [['--concurrency=many'], {}, '--concurrency must be a whole number from 1 to 1000, not "many"'],
    [['--concurrency=0'], {}, '--concurrency must be a whole number from 1 to 1000, not "0"'],
    [['--leader-elect=perhaps'], {}, '--leader-elect must be true or false, not "perhaps"'],
    [['--sync-period=10'], {}, '--sync-period must be a duration such as 30s, 10m or 1h30m, not "10"'],
    [['--health-addr=here'], {}, '--health-addr must be host:port, :port, or 0 to switch it off, not "here"'],
    [[], { K0SMOTRON_CONCURENCY: '3' }, 'unknown environment variable K0SMOTRON_CONCURENCY: see --help'],
    [[], { K0SMOTRON_V: 'loud' }, 'K0SMOTRON_V must be a whole number from 0 to 10, not "loud"'],
    [
      ['--leader-elect-renew-deadline=15s'],
      {},
      '--leader-elect-retry-period must be below --leader-elect-renew-deadline, and that below --leader-elect-lease-duration',
    ],
  ])('%j %j is refused in one line', (argv, env, message) => {
    expect(() => load(argv, env)).toThrow(expect.objectContaining({ message }));
  });

  it('are explained by --help, each with its variable', () => {
    const help = (() => {
      try {
        load(['--concurrency=2', '--help']);
      } catch (error) {
        return (error as { text?: string }).text ?? '';
      }
      return '';
    })();
    expect(help).toContain('--leader-elect\n');
    expect(help).toContain('--health-addr host:port\n');
    expect(help).toContain('(default 600s) [K0SMOTRON_SYNC_PERIOD]');
    expect(help).toContain('--host-jobs int\n        Scripts at once. (default 50) [K0SMOTRON_HOST_JOBS]');
  });
});
