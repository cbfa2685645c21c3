import type { Kind, KubeObject } from '@k0smotron/core';
import { ConflictError, NotFoundError, type KubeClient } from '@k0smotron/kube';
import { CustomResourceDefinition } from '../../controller/definitions.ts';
import { registeredWebhooks, ValidatingWebhookConfiguration } from '../registered-webhooks.ts';
import type { ValidatingWebhook } from '../validation.ts';

/** What of a service the API server has to know. */
export interface Registered {
  /** Of the ValidatingWebhookConfiguration. */
  readonly name: string;
  /** Kinds that the service converts. */
  readonly converts: readonly Kind[];
  readonly admits: readonly ValidatingWebhook[];
}

/** Where it is reached and whom to trust. */
export interface Address {
  /** `https://host:port`. */
  readonly url: string;
  /** PEM. */
  readonly bundle: string;
}

interface Registration {
  readonly kind: Kind;
  readonly name: string;
  /** The fields that are ours. */
  readonly wanted: object;
  /** Whether it is ours as a whole, to be made where it is not there. */
  readonly own: boolean;
}

const fieldManager = 'k0smotron-webhooks';
const injection = /^cert-manager\.io\/inject-/;

/**
 * Tells the API server where a service answers: the conversion of its CustomResourceDefinitions, and its own
 * ValidatingWebhookConfiguration. Gives how many objects it had to change. `stillRight` is asked between reading and writing,
 * so that a slow replica cannot bring back an older bundle.
 *
 * @throws KubeError; NotFoundError when a definition is not installed; Error for what cert-manager looks after.
 */
export async function register(
  kube: Pick<KubeClient, 'get' | 'create' | 'patch'>,
  registered: Registered,
  address: Address,
  stillRight: () => Promise<void>,
  signal: AbortSignal,
): Promise<number> {
  const all = registrationsOf(registered, address);
  const found = await Promise.all(all.map(({ kind, name }) => kube.get(kind, { name }, signal)));
  const wrong = all.flatMap((one, at) => (check(one, found[at]) ? [] : [{ ...one, present: found[at] }]));
  if (wrong.length > 0) await stillRight();
  for (const { kind, name, wanted, present } of wrong) {
    if (present) {
      const { resourceVersion } = present.metadata;
      const body = { ...wanted, metadata: { resourceVersion } };
      await kube.patch(kind, { name }, { type: 'merge', body }, { fieldManager }, signal);
    } else {
      await kube.create(kind, { metadata: { name }, ...wanted }, { fieldManager }, signal);
    }
  }
  return wrong.length;
}

/** Another replica changed the certificates: read them again. */
export const outdated = (): ConflictError =>
  new ConflictError(409, 'Conflict', 'another replica has changed the webhook certificates');

function registrationsOf({ name, converts, admits }: Registered, { url, bundle }: Address): Registration[] {
  const caBundle = Buffer.from(bundle, 'utf8').toString('base64');
  const clientConfigOf = (path: string) => ({ url: `${url}${path}`, caBundle });
  const webhook = { clientConfig: { ...clientConfigOf('/convert'), service: null }, conversionReviewVersions: ['v1'] };
  const conversion = { strategy: 'Webhook', webhook };
  return [
    ...converts.map(({ plural, group }) => ({
      kind: CustomResourceDefinition,
      name: `${plural}.${group}`,
      wanted: { spec: { conversion } },
      own: false,
    })),
    ...(admits.length === 0
      ? []
      : [
          {
            kind: ValidatingWebhookConfiguration,
            name,
            wanted: { webhooks: registeredWebhooks(admits, clientConfigOf) },
            own: true,
          },
        ]),
  ];
}

/** True when nothing is to be done. */
function check({ kind, name, wanted, own }: Registration, present: KubeObject | undefined): boolean {
  const what = `${kind.kind} ${name}`;
  if (!present) {
    if (own) return false;
    throw new NotFoundError(404, 'NotFound', `${what} is not installed`);
  }
  const annotation = Object.keys(present.metadata.annotations ?? {}).find((key) => injection.test(key));
  if (annotation !== undefined) {
    throw new Error(
      `cert-manager looks after ${what}: take its annotation ${annotation} away, or leave --webhook-url out`,
    );
  }
  return holds(present, wanted);
}

/** Whether all that is wanted is there; what the server adds to it by itself does not count. */
function holds(present: unknown, wanted: unknown): boolean {
  if (Array.isArray(wanted)) {
    return (
      Array.isArray(present) && present.length === wanted.length && wanted.every((item, at) => holds(present[at], item))
    );
  }
  if (typeof wanted !== 'object' || wanted === null) return (present ?? null) === wanted;
  return (
    typeof present === 'object' &&
    present !== null &&
    Object.entries(wanted).every(([key, value]) => holds((present as Record<string, unknown>)[key], value))
  );
}
