import { Readable } from 'node:stream';
import type { S3Client } from '@aws-sdk/client-s3';
import { ObjectNotFoundError } from './errors.ts';
import { assertObjectName, assertPrefix } from './object-name.ts';
import type { ObjectStore, PutOptions } from './object-store.ts';
import { isMissing, isUnknownCall, translateS3 } from './s3-errors.ts';

/** Where an S3-compatible service is, and as whom we come. */
export interface S3Options {
  readonly endpoint: string;
  readonly bucket: string;
  /** `us-east-1` unless told, which services without regions take. */
  readonly region?: string;
  /** Before the name of each object. */
  readonly prefix?: string;
  /** The bucket in the path instead of the host name. */
  readonly pathStyle?: boolean;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  /** PEM of an authority that is not publicly trusted. */
  readonly caPem?: string;
}

/** Of a multipart upload; 10,000 of them are allowed. Three or so are in memory at once. */
const partBytes = 8 * 1024 * 1024;
const timeouts = { connectionTimeout: 10_000, requestTimeout: 120_000, throwOnRequestTimeout: true };

/** Opens a bucket of an S3-compatible service. Nothing is asked of it before the first call. */
export async function openS3Store(options: S3Options): Promise<ObjectStore> {
  // Loaded when it is needed: 30 MB that services without S3 do not need.
  const [sdk, { Upload }] = await Promise.all([import('@aws-sdk/client-s3'), import('@aws-sdk/lib-storage')]);
  const client: S3Client = new sdk.S3Client({
    endpoint: options.endpoint,
    region: options.region ?? 'us-east-1',
    forcePathStyle: options.pathStyle ?? false,
    credentials: { accessKeyId: options.accessKeyId, secretAccessKey: options.secretAccessKey },
    requestHandler: { ...timeouts, httpsAgent: { keepAlive: true, ...(options.caPem ? { ca: options.caPem } : {}) } },
    // Checksums of their own invention are refused by other services; ours are in the manifest.
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
  });
  const prefix = options.prefix ? `${options.prefix.replace(/^\/+|\/+$/g, '')}/` : '';
  const Bucket = options.bucket;
  const at = (name: string): { readonly Bucket: string; readonly Key: string } => {
    assertObjectName(name);
    return { Bucket, Key: `${prefix}${name}` };
  };
  const under = (some: string): { readonly Bucket: string; readonly Prefix: string } => {
    assertPrefix(some);
    return { Bucket, Prefix: `${prefix}${some}` };
  };
  const asking = <T>(what: string, work: Promise<T>): Promise<T> =>
    work.catch((cause: unknown) => {
      throw translateS3(cause, what);
    });
  const limited = (signal?: AbortSignal): { readonly abortSignal?: AbortSignal } =>
    signal ? { abortSignal: signal } : {};

  const put = async (
    name: string,
    source: AsyncIterable<Uint8Array>,
    { ifAbsent = false }: PutOptions = {},
    signal?: AbortSignal,
  ): Promise<void> => {
    let sourceFailed: { readonly cause: unknown } | undefined;
    const body = Readable.from(
      noting(source, (cause) => (sourceFailed = { cause })),
      { objectMode: false, highWaterMark: partBytes },
    );
    const params = { ...at(name), Body: body, ...(ifAbsent ? { IfNoneMatch: '*' } : {}) };
    const upload = new Upload({ client, params, partSize: partBytes, queueSize: 2 });
    const stop = (): void => void upload.abort();
    signal?.addEventListener('abort', stop, { once: true });
    try {
      signal?.throwIfAborted();
      await upload.done();
    } catch (cause) {
      signal?.throwIfAborted();
      throw sourceFailed ? sourceFailed.cause : translateS3(cause, name);
    } finally {
      signal?.removeEventListener('abort', stop);
      body.destroy();
    }
  };

  return {
    put,
    get: async function* (name, signal) {
      const answer = await asking(name, client.send(new sdk.GetObjectCommand(at(name)), limited(signal)));
      if (!answer.Body) throw new ObjectNotFoundError(`there is no ${name}`);
      try {
        yield* answer.Body as unknown as AsyncIterable<Uint8Array>;
      } catch (cause) {
        throw translateS3(cause, name);
      }
    },
    head: async (name, signal) => {
      try {
        const found = await client.send(new sdk.HeadObjectCommand(at(name)), limited(signal));
        return { name, sizeBytes: found.ContentLength ?? 0, modifiedAt: found.LastModified ?? new Date(0) };
      } catch (cause) {
        if (isMissing(cause)) return undefined;
        throw translateS3(cause, name);
      }
    },
    list: async function* (some, signal) {
      let more: string | undefined;
      do {
        const from = more === undefined ? {} : { ContinuationToken: more };
        const command = new sdk.ListObjectsV2Command({ ...under(some), ...from });
        const page = await asking(`objects of ${some}`, client.send(command, limited(signal)));
        for (const { Key = '', Size = 0, LastModified = new Date(0) } of page.Contents ?? []) {
          yield { name: Key.slice(prefix.length), sizeBytes: Size, modifiedAt: LastModified };
        }
        more = page.IsTruncated ? page.NextContinuationToken : undefined;
      } while (more !== undefined);
    },
    delete: async (name, signal) => {
      await client.send(new sdk.DeleteObjectCommand(at(name)), limited(signal)).catch((cause: unknown) => {
        if (!isMissing(cause)) throw translateS3(cause, name);
      });
    },
    discardUnfinished: async (some, signal) => {
      try {
        const { Uploads = [] } = await client.send(new sdk.ListMultipartUploadsCommand(under(some)), limited(signal));
        for (const { Key, UploadId } of Uploads) {
          await client.send(new sdk.AbortMultipartUploadCommand({ Bucket, Key, UploadId }), limited(signal));
        }
      } catch (cause) {
        // Some services keep none, or have no such call.
        if (!isMissing(cause) && !isUnknownCall(cause)) throw translateS3(cause, `unfinished uploads of ${some}`);
      }
    },
    close: () => client.destroy(),
  };
}

/** Passes pieces on, and tells of a failure of the source itself: the client wraps or loses it. */
async function* noting(
  source: AsyncIterable<Uint8Array>,
  failed: (cause: unknown) => void,
): AsyncGenerator<Uint8Array, void, undefined> {
  const pieces = source[Symbol.asyncIterator]();
  try {
    for (;;) {
      const next = await pieces.next().catch((cause: unknown) => {
        failed(cause);
        throw cause;
      });
      if (next.done) return;
      yield next.value;
    }
  } finally {
    await pieces.return?.();
  }
}
