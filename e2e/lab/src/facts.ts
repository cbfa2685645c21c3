import { jetstream, jetstreamManager } from '@nats-io/jetstream';
import { connect } from '@nats-io/transport-node';

/** The stream of the services; before the first of them connected it is not there. */
const stream = 'K0SMOTRON';

/** Prints the facts in the stream, and with `follow` goes on with what comes until the process is ended. */
export async function printFacts(
  url: string,
  { follow, say }: { readonly follow: boolean; readonly say: (line: string) => void },
): Promise<void> {
  const connection = await connect({ servers: url, name: 'lab facts' });
  try {
    const manager = await jetstreamManager(connection);
    const streams = await manager.streams.names().next();
    if (!streams.includes(stream)) return;
    let left = (await manager.streams.info(stream)).state.messages;
    if (left === 0 && !follow) return;
    const consumer = await jetstream(connection).consumers.get(stream); // an ordered one: nothing of it stays behind
    for await (const message of await consumer.consume()) {
      say(message.string());
      left -= 1;
      if (left <= 0 && !follow) return;
    }
  } finally {
    await connection.close();
  }
}
