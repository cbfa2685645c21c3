import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { eventually } from '@k0smotron/testing';
import { Cache, connectKube, KubeError, reflect, type KubeClient, type WatchOptions } from '../src/index.ts';
import { adminConfig, ConfigMap, makeNamespace, startApiServer, type ApiServer } from './api-server.ts';

const crowd = 20;
const mostRounds = 10;

/** Of an API server that serves one request of each sort at a time, and keeps nothing that etcd has forgotten. */
let server: ApiServer;
let namespace: string;
let client: KubeClient;
beforeAll(async () => {
  server = await startApiServer({
    flags: {
      'max-requests-inflight': '1',
      'max-mutating-requests-inflight': '1',
      'enable-priority-and-fairness': 'false',
      'watch-cache': 'false',
    },
  });
  namespace = await makeNamespace(server, 'strained');
  const { server: url, caPem } = await adminConfig(server);
  client = connectKube({ server: url, caPem, token: await ordinaryUser() });
});
afterAll(async () => {
  await client?.close();
  await server?.close();
});

/** Administrators are never turned away, so somebody else has to ask. */
async function ordinaryUser(): Promise<string> {
  const { kubectl } = server.controlPlane;
  await kubectl('create', 'serviceaccount', 'crowd', '-n', namespace);
  await kubectl(
    'create',
    'clusterrolebinding',
    'crowd',
    '--clusterrole=cluster-admin',
    `--serviceaccount=${namespace}:crowd`,
  );
  return (await kubectl('create', 'token', 'crowd', '-n', namespace)).trim();
}

/** How many requests the server has turned away, by its own count. */
async function turnedAway(): Promise<number> {
  const metrics = await server.controlPlane.kubectl('get', '--raw', '/metrics');
  const counts = metrics.matchAll(/^apiserver_request_total\{.*code="429".*\} (\d+)$/gm);
  return [...counts].reduce((sum, [, count]) => sum + Number(count), 0);
}

const created: string[] = [];
async function createAll(round: number): Promise<void> {
  const names = Array.from({ length: crowd }, (_, at) => `crowd-${round}-${at}`);
  created.push(...names);
  await Promise.all(
    names.map((name) => client.create(ConfigMap, { metadata: { namespace, name } }, { fieldManager: 'test' })),
  );
}

describe('a real API server under strain', () => {
  it('turns requests away with 429, and each comes back and is done once', async () => {
    const before = await turnedAway();
    // Where the server is slow to read them, a crowd may come to it one by one.
    for (let round = 0; round < mostRounds && (await turnedAway()) === before; round += 1) await createAll(round);
    expect(await turnedAway()).toBeGreaterThan(before);
    expect(namesOf(await stored())).toEqual(expect.arrayContaining(created));
  });

  it.each([
    // The deletion itself is the oldest that etcd knows, and what was deleted is forgotten: 500 for ever, not 410;
    // unless the server has written something of its own meanwhile.
    { case: 'refuses at the edge of what etcd has compacted', laterWrites: 0, statuses: [410, 500] },
    { case: 'says 410 for what lies before', laterWrites: 2, statuses: [410] },
  ])('$case, and a cache that lagged behind is made whole by a list', async ({ laterWrites, statuses }) => {
    const { metadata } = await put('old', 'one');
    const outdated = { namespace, resourceVersion: metadata.resourceVersion ?? '' };
    await server.client.remove(ConfigMap, { namespace, name: 'old' }, {});
    for (let write = 0; write < laterWrites; write += 1) await put('new', `${laterWrites} ${write}`);
    await server.controlPlane.compact();
    expect(statuses).toContain(await refusalOf(outdated));

    const cache = new Cache<ConfigMap>();
    const over = new AbortController();
    const ended = reflect({ client: lagging(outdated), kind: ConfigMap, namespace, sink: cache }, over.signal);
    await eventually(async () => expect(namesOf(cache.list())).toEqual(namesOf(await stored())));
    await put('last', 'seen through the watch');
    await eventually(() => expect(namesOf(cache.list())).toContain('last'));
    await server.client.remove(ConfigMap, { namespace, name: 'last' }, {});
    over.abort();
    await ended;
  });
});

const stored = (): Promise<ConfigMap[]> => server.client.list(ConfigMap, { namespace });
const namesOf = (objects: readonly ConfigMap[]): string[] => objects.map(({ metadata: { name } }) => name).sort();
const put = (name: string, value: string): Promise<ConfigMap> =>
  server.client.apply(ConfigMap, { metadata: { namespace, name }, data: { value } }, { fieldManager: 'test' });

/** Status with which a watch is refused; undefined when an event comes instead. */
async function refusalOf(options: WatchOptions): Promise<number | undefined> {
  try {
    for await (const _ of server.client.watch(ConfigMap, options, AbortSignal.timeout(20_000))) return undefined;
  } catch (error) {
    if (error instanceof KubeError) return error.status;
    throw error;
  }
  return undefined;
}

/** A client whose first list is an old one, as of a cache that has slept. */
function lagging(old: WatchOptions): Pick<KubeClient, 'listing' | 'watch'> {
  let lists = 0;
  return {
    listing: async (...args) => {
      const { items, resourceVersion } = await server.client.listing(...args);
      return (lists += 1) === 1 ? { items: [], resourceVersion: old.resourceVersion } : { items, resourceVersion };
    },
    watch: server.client.watch.bind(server.client),
  };
}
