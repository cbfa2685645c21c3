import { ListMultipartUploadsCommand, S3Client, type ListMultipartUploadsCommandOutput } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { openLab, startS3, type Lab, type S3Server } from '@k0smotron/lab';
import { startFaultProxy, type FaultProxy } from '@k0smotron/testing';
import { openStore, StoreRefusedError, StoreUnreachableError, type ObjectStore } from '../src/index.ts';
import { storeContract } from '../testing/store-contract.ts';

const credentials = { accessKeyId: 'tester', secretAccessKey: 'not-secret' };

const openS3 = ({ bucket }: S3Server, endpoint: string, prefix: string): Promise<ObjectStore> =>
  openStore({ kind: 's3', endpoint, bucket, prefix, pathStyle: true, ...credentials });

async function unfinishedOf({ endpoint, bucket }: S3Server): Promise<string[]> {
  const client = new S3Client({ endpoint, region: 'us-east-1', forcePathStyle: true, credentials });
  const { Uploads = [] } = await client
    .send(new ListMultipartUploadsCommand({ Bucket: bucket }))
    // How gofakes3 says that there are none.
    .catch((cause: Error): ListMultipartUploadsCommandOutput | { Uploads?: undefined } => {
      if (cause.name === 'NoSuchUpload') return {};
      throw cause;
    })
    .finally(() => client.destroy());
  return Uploads.map(({ Key = '' }) => Key);
}

storeContract('S3', async () => {
  const lab = await openLab();
  const server = await startS3(lab);
  return {
    store: await openS3(server, server.endpoint, 'some/prefix'),
    unfinished: () => unfinishedOf(server),
    close: () => lab.close(),
  };
});

describe('S3 over a bad line', () => {
  let lab: Lab;
  let server: S3Server;
  let line: FaultProxy;
  let store: ObjectStore;
  beforeAll(async () => {
    lab = await openLab();
    server = await startS3(lab);
    line = await startFaultProxy({ host: '127.0.0.1', port: server.port });
    store = await openS3(server, `http://127.0.0.1:${line.port}`, 'cut');
  });
  afterAll(async () => {
    store.close();
    await line.close();
    await lab.close();
  });

  const partBytes = 8 * 1024 * 1024;
  /** Three parts; calls `at` when so many bytes were taken. */
  async function* source(then: () => void, afterBytes: number): AsyncGenerator<Uint8Array> {
    for (let taken = 0; taken < 2.5 * partBytes; taken += 65_536) {
      if (taken >= afterBytes && taken < afterBytes + 65_536) then();
      yield await Promise.resolve(Buffer.alloc(65_536, taken / 65_536));
    }
  }

  it.each([0, 0.5, 1, 1.5, 2, 2.4])('leaves nothing that looks finished when it breaks %d parts in', async (parts) => {
    const name = `a/${parts}`;
    const putting = store.put(
      name,
      source(() => line.inject({ kind: 'refuse' }), parts * partBytes),
    );
    await expect(putting).rejects.toThrow(StoreUnreachableError);
    line.heal();
    expect(await store.head(name)).toBeUndefined();
    await store.discardUnfinished('a/');
    expect(await unfinishedOf(server)).toEqual([]);
    // A second try is a whole one.
    await store.put(
      name,
      source(() => undefined, 0),
    );
    expect((await store.head(name))?.sizeBytes).toBe(2.5 * partBytes);
  });

  it('goes on over connections that are reset between parts', async () => {
    await store.put(
      'b/reset',
      source(() => line.cutAll(), 1.5 * partBytes),
    );
    expect((await store.head('b/reset'))?.sizeBytes).toBe(2.5 * partBytes);
  });

  it('throws when what it reads ends early', async () => {
    await store.put(
      'b/whole',
      source(() => undefined, 0),
    );
    const reading = (async () => {
      for await (const _ of store.get('b/whole')) line.inject({ kind: 'cut', afterBytes: 100_000 });
    })();
    await expect(reading).rejects.toThrow(StoreUnreachableError);
    line.heal();
  });

  it('tells a bucket that is not there from an object that is not there', async () => {
    const elsewhere = await openS3({ ...server, bucket: 'nobody-made-this' }, server.endpoint, '');
    const listing = (async () => {
      for await (const _ of elsewhere.list(''));
    })();
    await expect(listing).rejects.toThrow(StoreRefusedError);
    elsewhere.close();
  });
});
