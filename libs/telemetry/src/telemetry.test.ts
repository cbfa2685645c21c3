import { describe, expect, it } from '@jest/globals';
import { createTelemetry } from './index.ts';

/** Shapes only; none of these opens anything. */
const planted = {
  pem: '-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXktdjEAAAAA\nZmFrZQ==\n-----END OPENSSH PRIVATE KEY-----',
  cutPem: '-----BEGIN RSA PRIVATE KEY-----\nMIIEpAIBAAKCAQEAfake',
  beheadedPem: 'QmVoZWFkZWRMaW5l\nQQ==\n-----END RSA PRIVATE KEY-----',
  middleOfPem: `${'Q2ludGhl'.repeat(8)}\n${'Q2ludGhl'.repeat(8)}\nbWlkZGxl`,
  bootstrapToken: 'abcdef.0123456789abcdef',
  joinToken: `H4sIAAAAAAAC${'x'.repeat(60)}`,
  keyData: 'client-key-data: LS0tLS1CRUdJTiBSU0EgUFJJVkFURSBLRVktLS0tLQ==',
  jwt: 'eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJ4In0.c2lnbmF0dXJl',
  header: 'Authorization: Bearer sha256~abcdefghijkl',
  url: 'nats://user:hunter22@nats:4222',
  assignment: 'PASSWORD=hunter22 k0s start',
};
const worth = [
  'b3BlbnNzaC1rZXktdjEAAAAA',
  'MIIEpAIBAAKCAQEAfake',
  'QmVoZWFkZWRMaW5l',
  'Q2ludGhl',
  'bWlkZGxl',
  '0123456789abcdef',
  'x'.repeat(60),
  'LS0tLS1CRUdJTiBSU0E',
  'c2lnbmF0dXJl',
  'sha256~abcdefghijkl',
  'hunter22',
];

function logged(verbosity = 2) {
  const lines: string[] = [];
  const telemetry = createTelemetry({
    service: 'test',
    verbosity,
    destination: { write: (line) => void lines.push(line) },
  });
  return { lines, telemetry, last: () => JSON.parse(lines.at(-1) ?? '{}') as Record<string, unknown> };
}

describe('the logger', () => {
  it.each(Object.entries(planted))(
    'hides a planted %s in messages, fields, nested fields, child fields and errors',
    (_, text) => {
      const { lines, telemetry } = logged();
      const { logger } = telemetry;
      logger.info(`Seen ${text}`);
      logger.info('Seen', { text, nested: { list: [text] } });
      logger.child({ text }).warn('Seen');
      logger.error('Failed', { error: new Error(`outer ${text}`, { cause: new Error(text) }) });
      for (const secret of worth) expect(lines.join('')).not.toContain(secret);
      expect(lines).toHaveLength(4);
    },
  );

  it.each(['token', 'privateKey', 'ssh_key', 'client-key-data', 'userData', 'kubeconfig', 'stringData'])(
    'hides the field %s whatever it holds',
    (name) => {
      const { lines, telemetry } = logged();
      telemetry.logger.info('Seen', { object: { [name]: 'plain words' } });
      telemetry.logger.info('Seen', { object: { [name]: { deep: ['plain words'] } } });
      expect(lines.join('')).not.toContain('plain words');
    },
  );

  it('keeps what is no secret', () => {
    const { last, telemetry } = logged();
    const fields = {
      Secret: 'default/my-kubeconfig',
      tokenId: 'abcdef',
      Machine: 'ns/m-0',
      url: 'https://get.k0s.sh',
      count: 3,
    };
    telemetry.logger.info('Joining worker-0.example.internal with SHA256:abc', fields);
    expect(last()).toMatchObject({ ...fields, message: 'Joining worker-0.example.internal with SHA256:abc' });
  });

  it('hides the secret of a bootstrap token and keeps its public id', () => {
    const { last, telemetry } = logged();
    telemetry.logger.info(`Revoked ${planted.bootstrapToken}`);
    expect(last()['message']).toBe('Revoked abcdef.[redacted]');
  });

  it('writes JSON lines with level, time and service', () => {
    const { last, telemetry } = logged();
    telemetry.logger.warn('Look');
    expect(last()).toMatchObject({
      level: 'warn',
      service: 'test',
      message: 'Look',
      time: expect.stringMatching(/Z$/),
    });
  });

  it('shows debugging from -v 4 on, also when that changes while children live', () => {
    const { lines, telemetry } = logged(2);
    const child = telemetry.logger.child({ a: 1 });
    child.debug('Hidden');
    telemetry.setVerbosity(4);
    child.debug('Shown');
    expect(lines).toHaveLength(1);
  });
});

describe('the meter', () => {
  it('gives counters, durations and gauges in the text of Prometheus with our prefix', async () => {
    const { meter, metricsText } = createTelemetry({ service: 'test', verbosity: 2 });
    meter.count('reconcile', { controller: 'toy', outcome: 'done' });
    meter.count('reconcile', { controller: 'toy', outcome: 'done' }, 2);
    meter.seconds('reconcile', 0.03, { controller: 'toy' });
    meter.gauge('queue_depth', () => [{ value: 4, labels: { controller: 'toy' } }]);
    meter.gauge('queue_depth', () => [{ value: 5, labels: { controller: 'other' } }]);
    const text = await metricsText();
    expect(text).toContain('k0smotron_reconcile_total{controller="toy",outcome="done"} 3');
    expect(text).toContain('k0smotron_reconcile_seconds_count{controller="toy"} 1');
    expect(text).toContain('k0smotron_reconcile_seconds_bucket{controller="toy",le="0.05"} 1');
    expect(text).toContain('k0smotron_queue_depth{controller="toy"} 4');
    expect(text).toContain('k0smotron_queue_depth{controller="other"} 5');
    expect(text).toMatch(/k0smotron_process_resident_memory_bytes \d{7,}/);
  });
});
