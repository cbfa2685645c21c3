import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { silentLogger, type Logger } from '@k0smotron/core';
import { allSubjects } from '@k0smotron/events';
import { eventually } from '@k0smotron/testing';
import { StorageType } from '@nats-io/jetstream';
import { nanos } from '@nats-io/transport-node';
import { aFact, describeBus } from '../testing/index.ts';
import { startBroker, type NatsUnderTest } from './start-broker.ts';

describeBus('the bus on a real nats-server', startBroker);

describe('connectBus on a real nats-server', () => {
  let broker: NatsUnderTest;

  beforeEach(async () => {
    broker = await startBroker();
  });
  afterEach(() => broker.close());

  const makeStream = (config: {
    readonly subjects: string[];
    readonly duplicateWindowMs?: number;
    readonly maxBytes?: number;
  }) =>
    broker.inspect((jsm) =>
      jsm.streams.add({
        name: 'K0SMOTRON',
        subjects: config.subjects,
        storage: StorageType.Memory,
        duplicate_window: nanos(config.duplicateWindowMs ?? 1_000),
        max_bytes: config.maxBytes ?? -1,
      }),
    );

  it('makes the stream with files and a duplicate window of two minutes', async () => {
    const bus = await broker.connect();
    await bus.publish(aFact('m-0'));
    await eventually(() => expect(bus.healthy).toBe(true));
    const { config } = await broker.inspect((jsm) => jsm.streams.info('K0SMOTRON'));
    expect(config).toMatchObject({ subjects: [allSubjects], storage: 'file', duplicate_window: nanos(120_000) });
    await bus.close();
  });

  it('leaves a stream of the operator as it is', async () => {
    const { config: before } = await makeStream({ subjects: ['extra', allSubjects], maxBytes: 1_000_000 });
    const bus = await broker.connect();
    await eventually(() => expect(bus.healthy).toBe(true));
    await bus.publish(aFact('m-0'));
    const { config: after, state } = await broker.inspect((jsm) => jsm.streams.info('K0SMOTRON'));
    expect(after).toEqual(before);
    expect(state.messages).toBe(1);
    await bus.close();
  });

  it('says what is wrong with a stream that does not take facts, and delivers once it does', async () => {
    await makeStream({ subjects: ['extra'] });
    const warnings: string[] = [];
    const bus = await broker.connect({ logger: warningsTo(warnings) });
    expect(await bus.publish(aFact('m-0'))).toBe('queued');
    await eventually(() => expect(warnings.join('\n')).toContain(`add ${allSubjects} to its subjects`));
    await eventually(() => expect(bus.healthy).toBe(false));
    await broker.inspect((jsm) => jsm.streams.update('K0SMOTRON', { subjects: [allSubjects] }));
    await eventually(async () => expect(await broker.stored()).toHaveLength(1), { timeoutMs: 20_000 });
    await eventually(() => expect(bus.healthy).toBe(true));
    await bus.close();
  });

  it('handles a fact once even when the stream holds it twice', async () => {
    await makeStream({ subjects: [allSubjects], duplicateWindowMs: 100 });
    const buses = await Promise.all([broker.connect(), broker.connect()]);
    const seen: string[] = [];
    const subscription = buses[0].consume({ durable: 'reader', filter: allSubjects, from: 'all' }, ({ data }) => {
      seen.push(data.object.name);
    });
    await buses[0].publish(aFact('m-0'));
    // The second process repeats the fact until the broker has forgotten the first telling.
    await eventually(async () => {
      const repeat = await broker.connect();
      await repeat.publish(aFact('m-0'));
      await repeat.close();
      expect((await broker.stored()).length).toBeGreaterThan(1);
    });
    await buses[1].publish(aFact('last'));
    await eventually(() => expect(seen).toContain('last'));
    expect(seen).toEqual(['m-0', 'last']);
    await subscription.stop();
    await Promise.all(buses.map((bus) => bus.close()));
  });

  it('skips a message that is no fact', async () => {
    const bus = await broker.connect();
    const seen: string[] = [];
    const subscription = bus.consume({ durable: 'reader', filter: allSubjects, from: 'all' }, ({ data }) => {
      seen.push(data.object.name);
    });
    await eventually(() => expect(bus.healthy).toBe(true));
    await broker.inspect(async (jsm) => {
      await jsm.jetstream().publish('k0smotron.a.b.c.d.e', 'not JSON');
    });
    await bus.publish(aFact('m-0'));
    await eventually(() => expect(seen).toEqual(['m-0']));
    await eventually(async () => {
      const { num_ack_pending: pending } = await broker.inspect((jsm) => jsm.consumers.info('K0SMOTRON', 'reader'));
      expect(pending).toBe(0);
    });
    await subscription.stop();
    await bus.close();
  });

  it('makes a deleted stream and durable anew, and tells facts again when asked', async () => {
    const bus = await broker.connect();
    const seen: string[] = [];
    const subscription = bus.consume({ durable: 'reader', filter: allSubjects, from: 'all' }, ({ data }) => {
      seen.push(data.object.name);
    });
    await bus.publish(aFact('m-0'));
    await eventually(() => expect(seen).toEqual(['m-0']));
    await broker.inspect((jsm) => jsm.streams.delete('K0SMOTRON'));
    await bus.publish(aFact('m-1'));
    await eventually(async () => expect(await broker.stored()).toHaveLength(1), { timeoutMs: 20_000 });
    expect(await bus.publish(aFact('m-0'))).toBe('stored');
    expect(await broker.stored()).toHaveLength(2);
    await eventually(() => expect(seen).toEqual(['m-0', 'm-1']), { timeoutMs: 20_000 });
    await subscription.stop();
    await bus.close();
  });

  it('waits for a broker that was never there, and closes at once', async () => {
    await broker.stop();
    const warnings: string[] = [];
    const bus = await broker.connect({ logger: warningsTo(warnings) });
    const other = await broker.connect();
    expect(await bus.publish(aFact('m-0'))).toBe('queued');
    await eventually(() => expect(warnings).toHaveLength(1));

    const before = performance.now();
    await other.close();
    expect(performance.now() - before).toBeLessThan(1_000);

    await broker.start();
    await eventually(async () => expect(await broker.stored()).toHaveLength(1), { timeoutMs: 20_000 });
    await bus.close();
  });
});

/** Keeps warnings with their fields, as text. */
function warningsTo(lines: string[]): Logger {
  const logger: Logger = {
    ...silentLogger,
    warn: (message, fields) => void lines.push(`${message} ${JSON.stringify(fields)}`),
    child: () => logger,
  };
  return logger;
}
