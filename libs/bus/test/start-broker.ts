import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { connectBus, type ConnectBusOptions } from '../src/index.ts';
import type { BrokerUnderTest } from '../testing/index.ts';
import { parseFact, type Fact } from '@k0smotron/events';
import { openLab, startNats } from '@k0smotron/lab';
import { jetstreamManager, type JetStreamManager } from '@nats-io/jetstream';
import { connect } from '@nats-io/transport-node';

/** A real nats-server for one test, with a door for looking into it. */
export interface NatsUnderTest extends BrokerUnderTest {
  readonly url: string;
  connect(options?: Partial<ConnectBusOptions>): ReturnType<typeof connectBus>;
  /** Looks at JetStream over a connection of its own. */
  inspect<T>(look: (jsm: JetStreamManager) => Promise<T>): Promise<T>;
}

/** Starts nats-server in a lab of its own. */
export async function startBroker(): Promise<NatsUnderTest> {
  const lab = await openLab();
  const nats = await startNats(lab);

  const inspect = async <T>(look: (jsm: JetStreamManager) => Promise<T>): Promise<T> => {
    const connection = await connect({ servers: nats.url });
    try {
      return await look(await jetstreamManager(connection));
    } finally {
      await connection.close();
    }
  };

  return {
    url: nats.url,
    connect: (options) => connectBus({ url: nats.url, name: 'test', ...options }),
    stop: () => nats.stop(),
    start: () => nats.start(),
    async wipe() {
      await nats.stop();
      await rm(join(lab.dir, 'nats'), { recursive: true, force: true });
      await nats.start();
    },
    stored: () => inspect(storedFacts),
    inspect,
    close: () => lab.close(),
  };
}

async function storedFacts(jsm: JetStreamManager): Promise<readonly Fact[]> {
  const { state } = await jsm.streams.info('K0SMOTRON');
  const sequences = Array.from({ length: state.messages }, (_, at) => state.first_seq + at);
  const messages = await Promise.all(sequences.map((seq) => jsm.streams.getMessage('K0SMOTRON', { seq })));
  return messages.flatMap((message) => parseFact(message?.string() ?? '') ?? []);
}
