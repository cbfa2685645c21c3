import { readFile } from 'node:fs/promises';
import { describe, expect, it } from '@jest/globals';
import { arbitraryObjectOf } from '@k0smotron/api/testing';
import { admission as bootstrap } from '@k0smotron/bootstrap/admission';
import { admission as controlPlane } from '@k0smotron/control-plane/admission';
import type { KindDeclaration } from '@k0smotron/crd';
import { admission as infrastructure } from '@k0smotron/infrastructure/admission';
import type { AdmissionRequest, ValidatingWebhook } from '@k0smotron/runtime';
import fc from 'fast-check';
import { load } from 'js-yaml';

const webhooks = Object.entries({ bootstrap, 'control-plane': controlPlane, infrastructure })
  .flatMap(([service, each]) => each.map((webhook) => ({ service, ...webhook })))
  .filter(({ resource }) => !resource.resource.includes('/'));

interface Crd {
  readonly spec: {
    readonly names: { readonly kind: string };
    readonly versions: readonly {
      readonly name: string;
      readonly schema: { readonly openAPIV3Schema: { readonly properties: { readonly spec: object } } };
    }[];
  };
}

/** The kind that a webhook checks, as its CRD describes it. */
async function declarationOf({ service, resource: { group, resource } }: ValidatingWebhook & { service: string }) {
  const crd = load(await readFile(`${providersDir}/${service}/crds/${group}_${resource}.yaml`, 'utf8')) as Crd;
  const versions = crd.spec.versions.map(({ name, schema }) => ({
    name,
    spec: schema.openAPIV3Schema.properties.spec,
    specRequired: true,
  }));
  return { group, kind: crd.spec.names.kind, versions } as unknown as KindDeclaration;
}
const providersDir = new URL('../../../../deploy/providers', import.meta.url).pathname;

describe('the webhooks', () => {
  it.each(webhooks.map((webhook) => [webhook.name, webhook] as const))(
    '%s answers to any object that its schema takes',
    async (_, webhook) => {
      const objects = arbitraryObjectOf(await declarationOf(webhook), webhook.resource.version);
      await fc.assert(
        fc.asyncProperty(objects, objects, async (object, oldObject) => {
          const request = { operation: 'UPDATE', object, oldObject } as unknown as AdmissionRequest;
          const { allowed, message } = await webhook.review(request);
          expect(message === undefined).toBe(allowed);
          // What did not change is never refused.
          expect(await webhook.review({ ...request, oldObject: object })).toMatchObject({ allowed: true });
        }),
      );
    },
  );
});
