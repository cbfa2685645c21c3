import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { allSubjects, subjectFilter, type Fact } from '@k0smotron/events';
import { eventually } from '@k0smotron/testing';
import type { Bus, FactLog } from '../src/index.ts';
import { aFact } from './a-fact.ts';

/** A broker that a contract test may stop and start. */
export interface BrokerUnderTest {
  connect(): Promise<Bus>;
  stop(): Promise<void>;
  start(): Promise<void>;
  /** Loses everything stored, as with the loss of its disk; comes back up. */
  wipe(): Promise<void>;
  /** What the stream holds, oldest first. */
  stored(): Promise<readonly Fact[]>;
  close(): Promise<void>;
}

/** What every {@link Bus} keeps to, fake or real. */
export function describeBus(what: string, startBroker: () => Promise<BrokerUnderTest>): void {
  describe(what, () => {
    let broker: BrokerUnderTest;
    let bus: Bus;
    const storedNames = async (): Promise<readonly string[]> =>
      (await broker.stored()).map(({ data }) => data.object.name);
    const open = async (): Promise<Bus> => {
      const opened = await broker.connect();
      await eventually(() => expect(opened.healthy).toBe(true));
      return opened;
    };

    beforeEach(async () => {
      broker = await startBroker();
      bus = await open();
    });
    afterEach(async () => {
      await bus.close();
      await broker.close();
    });

    describe('publish', () => {
      it('stores the fact as it is', async () => {
        const fact = aFact('m-0');
        expect(await bus.publish(fact)).toBe('stored');
        expect(await broker.stored()).toEqual([fact]);
      });

      it('twice stores once', async () => {
        await bus.publish(aFact('m-0'));
        expect(await bus.publish(aFact('m-0'))).toBe('stored');
        expect(await storedNames()).toEqual(['m-0']);
      });

      it('by two processes stores once', async () => {
        const other = await open();
        await Promise.all([bus.publish(aFact('m-0')), other.publish(aFact('m-0'))]);
        expect(await storedNames()).toEqual(['m-0']);
        await other.close();
      });

      it('keeps the order', async () => {
        const names = Array.from({ length: 50 }, (_, at) => `m-${at}`);
        await Promise.all(names.map((name) => bus.publish(aFact(name))));
        expect(await storedNames()).toEqual(names);
      });

      it('queues while the broker is away, without making the caller wait, and stores once it is back', async () => {
        await broker.stop();
        await eventually(() => expect(bus.healthy).toBe(false));
        const before = performance.now();
        expect(await bus.publish(aFact('m-0'))).toBe('queued');
        expect(await bus.publish(aFact('m-0'))).toBe('queued');
        expect(performance.now() - before).toBeLessThan(500);
        await broker.start();
        await eventually(async () => expect(await storedNames()).toEqual(['m-0']));
        await eventually(() => expect(bus.healthy).toBe(true));
      });

      it('stores each fact once when the broker restarts in the middle', async () => {
        const names = Array.from({ length: 60 }, (_, at) => `m-${at}`);
        const publish = (some: readonly string[]): Promise<unknown> =>
          Promise.all(some.map((name) => bus.publish(aFact(name))));
        const first = publish(names.slice(0, 20));
        const stopping = broker.stop();
        const second = publish(names.slice(20, 40));
        await stopping;
        const starting = broker.start();
        const third = publish(names.slice(40));
        await Promise.all([first, second, third, starting]);
        await eventually(async () => expect([...(await storedNames())].sort()).toEqual([...names].sort()), {
          timeoutMs: 30_000,
        });
      });

      it('after close does not hang', async () => {
        const other = await open();
        await other.close();
        expect(await other.publish(aFact('m-0'))).toBe('dropped');
      });
    });

    describe('log', () => {
      const { signal } = new AbortController();
      const audit = (name: string): Fact => ({ ...aFact(name), factclass: 'audit' });
      const logOf = ({ log }: Bus): FactLog => {
        if (!log) throw new Error('no log');
        return log;
      };

      it('holds what was appended, once, and says where', async () => {
        const log = logOf(bus);
        expect(await log.holds(audit('m-0'), signal)).toBe(false);
        const first = await log.append(audit('m-0'), signal);
        expect(first.repeated).toBe(false);
        expect(await log.append(audit('m-0'), signal)).toEqual({ ...first, repeated: true });
        expect(await log.append(audit('m-1'), signal)).toEqual({ ...first, sequence: first.sequence + 1 });
        expect(await log.holds(audit('m-0'), signal)).toBe(true);
        expect(first.stream).toBe(await log.stream(signal));
        expect(await broker.stored()).toEqual([audit('m-0'), audit('m-1')]);
      });

      it('waits while the broker is away', async () => {
        await broker.stop();
        const appended = logOf(bus).append(audit('m-0'), signal);
        await broker.start();
        expect(await appended).toMatchObject({ sequence: 1 });
      });

      it('gives up with the reason of its signal', async () => {
        await broker.stop();
        const abort = new AbortController();
        const appended = logOf(bus).append(audit('m-0'), abort.signal);
        abort.abort(new Error('stopping'));
        await expect(appended).rejects.toThrow('stopping');
      });

      it('tells that its stream is another one when the old one was lost', async () => {
        const log = logOf(bus);
        let told = 0;
        bus.onNewStream(() => (told += 1));
        const before = await log.append(audit('m-0'), signal);
        await broker.wipe();
        await eventually(async () => {
          await bus.publish(aFact('wakes'));
          expect(told).toBe(1);
        });
        expect(await log.holds(audit('m-0'), signal)).toBe(false);
        const after = await log.append(audit('m-0'), signal);
        expect(after.stream).not.toBe(before.stream);
      });
    });

    describe('consume', () => {
      /** Reads names, throwing at the first delivery of those in `refused`. */
      function read(reader: Bus, durable: string, filter = allSubjects, refused: readonly string[] = []) {
        const seen: string[] = [];
        const toRefuse = new Set(refused);
        const subscription = reader.consume({ durable, filter, from: 'all' }, ({ data }) => {
          if (toRefuse.delete(data.object.name)) throw new Error('not now');
          seen.push(data.object.name);
        });
        return { seen, stop: () => subscription.stop() };
      }

      it('reads what matches the filter and nothing else', async () => {
        await bus.publish(aFact('m-0'));
        await bus.publish(aFact('other', { cluster: 'other' }));
        await bus.publish(aFact('m-1'));
        const { seen, stop } = read(bus, 'reader', subjectFilter({ cluster: 'demo' }));
        await eventually(() => expect(seen).toEqual(['m-0', 'm-1']));
        await stop();
      });

      it('gets a fact again when its handler failed', async () => {
        await bus.publish(aFact('m-0'));
        const { seen, stop } = read(bus, 'reader', allSubjects, ['m-0']);
        await eventually(() => expect(seen).toEqual(['m-0']));
        await stop();
      });

      it('goes on where the last reader of that name stopped', async () => {
        const first = read(bus, 'reader');
        await bus.publish(aFact('m-0'));
        await eventually(() => expect(first.seen).toEqual(['m-0']));
        await first.stop();
        await bus.publish(aFact('m-1'));
        const second = read(bus, 'reader');
        await eventually(() => expect(second.seen).toEqual(['m-1']));
        await second.stop();
      });

      it('begins with what is new unless told otherwise', async () => {
        await bus.publish(aFact('old'));
        const seen: string[] = [];
        const subscription = bus.consume({ durable: 'reader', filter: allSubjects }, ({ data }) => {
          seen.push(data.object.name);
        });
        let at = 0;
        // The durable comes to be in the background: tell new facts until one arrives.
        await eventually(async () => {
          await bus.publish(aFact(`new-${(at += 1)}`));
          expect(seen).not.toEqual([]);
        });
        expect(seen).not.toContain('old');
        await subscription.stop();
      });

      it('goes on after the broker restarted', async () => {
        const { seen, stop } = read(bus, 'reader');
        await bus.publish(aFact('m-0'));
        await eventually(() => expect(seen).toEqual(['m-0']));
        await broker.stop();
        await bus.publish(aFact('m-1'));
        await broker.start();
        await eventually(() => expect(seen).toEqual(['m-0', 'm-1']), { timeoutMs: 30_000 });
        await stop();
      });
    });
  });
}
