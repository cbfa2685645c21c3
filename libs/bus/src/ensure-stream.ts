import { allSubjects } from '@k0smotron/events';
import { JetStreamApiError, StorageType, type JetStreamManager, type StreamInfo } from '@nats-io/jetstream';
import { nanos } from '@nats-io/transport-node';

/** The stream that holds all facts. */
export const streamName = 'K0SMOTRON';

/** How long the broker drops a repeated id by itself, in milliseconds. */
const duplicateWindowMs = 120_000;

/**
 * Makes the stream, with so many replicas, unless it is there. A stream that is there belongs to its operator (limits, replicas, placement): nothing
 * of it is changed. Gives when it was made, which tells one stream from the next of its name.
 *
 * @throws when it can neither be seen nor made, for example since these credentials may only publish.
 */
export async function ensureStream(jsm: JetStreamManager, replicas: number): Promise<string> {
  const existing = await observeStream(jsm);
  if (existing && !existing.config.subjects?.some((subject) => subject === allSubjects || subject === '>')) {
    throw new Error(
      `stream ${streamName} stores ${String(existing.config.subjects)}: add ${allSubjects} to its subjects`,
    );
  }
  if (existing) return existing.created;
  const { created } = await jsm.streams.add({
    name: streamName,
    description: 'Facts of the k0smotron services (CloudEvents 1.0, JSON)',
    subjects: [allSubjects],
    storage: StorageType.File,
    num_replicas: replicas,
    duplicate_window: nanos(duplicateWindowMs),
  });
  return created;
}

async function observeStream(jsm: JetStreamManager): Promise<StreamInfo | undefined> {
  try {
    return await jsm.streams.info(streamName);
  } catch (cause) {
    if (cause instanceof JetStreamApiError && cause.status === 404) return undefined;
    throw cause;
  }
}
