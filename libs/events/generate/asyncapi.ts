import { subjectRoot, typeFor } from '../src/index.ts';
import { z } from 'zod';
import { allFacts, objectSchema, type DescribedFact } from './all-facts.ts';

type Json = Readonly<Record<string, unknown>>;

const description =
  `Facts that the services of k0smotron-ts publish over NATS JetStream, in the past tense, after the state that
they tell of is in Kubernetes. They wake and inform; nothing that must happen depends on one (SR-9). Each is a CloudEvents 1.0
event in JSON (structured mode) in the stream K0SMOTRON. Its id, also the header Nats-Msg-Id, is a hash of the object's uid,
its kind and the transition: the same transition told twice has the same id. Delivery is at least once, so readers drop ids that
they know. In subject tokens everything but letters, digits and hyphens is written as _ and two hexadecimal digits, and an
absent cluster as _.`.replaceAll('\n', ' ');

/** The AsyncAPI 3 document of all facts. */
export function asyncApi(): Json {
  return {
    asyncapi: '3.0.0',
    info: {
      title: 'k0smotron-ts facts',
      version: '1.0.0',
      description,
      license: { name: 'Apache-2.0', url: 'https://www.apache.org/licenses/LICENSE-2.0' },
    },
    defaultContentType: 'application/cloudevents+json',
    channels: byId((fact) => channel(fact)),
    operations: byId((fact, id) => ({
      action: 'send',
      channel: { $ref: `#/channels/${id}` },
      messages: [{ $ref: `#/channels/${id}/messages/${id}` }],
    })),
    components: {
      messages: byId((fact, id) => message(fact, id)),
      schemas: { Object: schemaOf(objectSchema), ...byId(({ details }) => schemaOf(details)) },
    },
  };
}

/** A fact's name in the document, such as `infrastructureReserved`. */
export const idOf = ({ definition: { service, fact } }: DescribedFact): string =>
  `${service}-${fact}`.replace(/-(.)/g, (_, letter: string) => letter.toUpperCase());

/** Subject of a fact with its parameters in braces. */
export function addressOf({ definition: { service, kinds, fact, factClass } }: DescribedFact): string {
  const kind = kinds.length === 1 ? kinds[0]?.toLowerCase() : '{kind}';
  const id = factClass === 'audit' ? ['{id}'] : [];
  return [subjectRoot, service, '{namespace}', '{cluster}', kind, fact, ...id].join('.');
}

const byId = (make: (fact: DescribedFact, id: string) => unknown): Json =>
  Object.fromEntries(allFacts.map((fact) => [idOf(fact), make(fact, idOf(fact))]));

function channel(fact: DescribedFact): Json {
  const { kinds, summary, factClass } = fact.definition;
  const id = idOf(fact);
  return {
    address: addressOf(fact),
    summary,
    messages: { [id]: { $ref: `#/components/messages/${id}` } },
    parameters: {
      namespace: { description: 'Namespace of the object, escaped.' },
      cluster: { description: 'Name of its cluster, escaped; _ where there is none.' },
      ...(kinds.length > 1 && {
        kind: { description: 'Kind of the object in lower case.', enum: kinds.map((kind) => kind.toLowerCase()) },
      }),
      ...(factClass === 'audit' && { id: { description: 'The id of the event.' } }),
    },
  };
}

function message({ definition }: DescribedFact, id: string): Json {
  const { service, fact, factClass, kinds, summary } = definition;
  return {
    name: id,
    title: `${service}: ${fact}`,
    summary,
    contentType: 'application/cloudevents+json',
    headers: {
      type: 'object',
      required: ['Nats-Msg-Id'],
      properties: { 'Nats-Msg-Id': { type: 'string', description: 'The id of the event.' } },
    },
    payload: envelope({
      source: { const: `/k0smotron/${service}` },
      type: { enum: kinds.map((kind) => typeFor(service, kind, fact)) },
      factclass: { const: factClass },
      ...(factClass === 'audit' && chainSeal),
      data: {
        type: 'object',
        required: ['service', 'fact', 'object', 'details'],
        properties: {
          service: { const: service },
          fact: { const: fact },
          object: { $ref: '#/components/schemas/Object' },
          details: { $ref: `#/components/schemas/${id}` },
          ...(factClass === 'audit' && { outcome }),
        },
      },
    }),
  };
}

/** What sealing adds (ADR 0011). */
const chainSeal: Json = {
  chainsequence: { type: 'integer', minimum: 1, description: "Place in the chain of the service's audit facts." },
  chainprevious: { type: 'string', description: 'SHA-256 of the one before; empty for the first.' },
  chainepoch: { type: 'string', description: 'The leadership that sealed it.' },
  chainkey: { type: 'string', pattern: '^[0-9a-f]{16}$', description: 'Names the public key.' },
  chainsignature: { type: 'string', description: 'Ed25519 over the canonical JSON of the event without this, base64.' },
};
const outcome: Json = { const: 'unknown', description: 'Present when nobody knows whether the effect happened.' };

function envelope(own: Json): Json {
  const properties: Json = {
    specversion: { const: '1.0' },
    id: { type: 'string', pattern: '^[0-9a-f]{32}$' },
    subject: { type: 'string', description: 'Kind/namespace/name of the object.' },
    time: { type: 'string', format: 'date-time' },
    datacontenttype: { const: 'application/json' },
    ...own,
  };
  return { type: 'object', required: Object.keys(properties), properties };
}

function schemaOf(schema: z.ZodType): Json {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { target: 'draft-7', override: dropDatePattern });
  return rest;
}

/** zod's pattern of a date-time is long and says no more than `format`. */
function dropDatePattern({ jsonSchema }: { jsonSchema: z.core.JSONSchema.BaseSchema }): void {
  if (jsonSchema.format === 'date-time') delete jsonSchema.pattern;
}
