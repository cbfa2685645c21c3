import { atomicObject, dateTime, listMap, notEmpty, typeName, z } from '@k0smotron/crd';

/** A text-to-text map, as labels and annotations are. */
const stringMap = () => z.record(z.string(), z.string());

const condition = z
  .object({
    type: z
      .string()
      .max(316)
      .regex(
        /^([a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*\/)?(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])$/,
      )
      .describe('What the condition is about.'),
    status: z.enum(['True', 'False', 'Unknown']).describe('Whether it holds.'),
    reason: z
      .string()
      .min(1)
      .max(1024)
      .regex(/^[A-Za-z]([A-Za-z0-9_,:]*[A-Za-z0-9_])?$/)
      .describe('Why, in one CamelCase word for programs.'),
    message: z.string().max(32768).describe('Why, for people; may be empty.'),
    lastTransitionTime: dateTime().describe('When the status last changed.'),
    observedGeneration: z.int().min(0).optional().describe('The generation of the object that was looked at.'),
  })
  .meta(typeName('Condition'));

/** `status.conditions` in the metav1 shape, keyed by type so that others may add theirs (C-01). */
export const conditions = () =>
  z.array(condition).meta(listMap('type')).optional().describe('What is known about the object, one entry per type.');

/** Metadata that a template gives to its copies: what is left of a full ObjectMeta in the original's schema. */
export const embeddedMetadata = () =>
  z
    .object({
      name: z.string().optional().describe('Name; ignored for copies, which are named by their maker.'),
      namespace: z.string().optional().describe('Namespace; ignored for copies.'),
      labels: stringMap().optional().describe('Labels to add.'),
      annotations: stringMap().optional().describe('Annotations to add.'),
      finalizers: z.array(z.string()).optional().describe('Finalizers; ignored for copies.'),
    })
    .meta(typeName('EmbeddedMetadata'))
    .optional()
    .describe('Metadata for the objects made from the template.');

/** Spec of a template: what each copy is to be, and the metadata that it gets. `one` and `all` name the copies. */
export const templateSpec = <T extends z.ZodType>(
  spec: T,
  { one, all }: { readonly one: string; readonly all: string },
) =>
  z
    .object({
      template: z
        .object({ metadata: embeddedMetadata(), spec: spec.optional().describe(`Spec of the ${all}.`) })
        .optional()
        .describe(`What each ${one} looks like.`),
    })
    .default({} as never);

/** Labels and annotations, as Cluster API writes them; an explicit empty object is refused. */
export const capiMetadata = () =>
  z
    .object({
      labels: stringMap().optional().describe('Labels to add.'),
      annotations: stringMap().optional().describe('Annotations to add.'),
    })
    .meta({ ...typeName('CapiMetadata'), ...notEmpty })
    .optional();

/** Labels and annotations for a generated Secret. */
export const secretMetadata = () =>
  z
    .object({
      labels: stringMap().optional().describe('Labels of the Secret; these win over ours.'),
      annotations: stringMap().optional().describe('Annotations of the Secret; these win over ours.'),
    })
    .meta(typeName('SecretMetadata'))
    .optional();

/** A core/v1 ObjectReference: one value for server-side apply. */
export const objectReference = () =>
  z
    .object({
      apiVersion: z.string().optional().describe('API group and version of the object.'),
      kind: z.string().optional().describe('Kind of the object.'),
      name: z.string().optional().describe('Name of the object.'),
      namespace: z.string().optional().describe('Ignored: the object is looked up in the namespace of the referrer.'),
      uid: z.string().optional().describe('Ignored.'),
      resourceVersion: z.string().optional().describe('Ignored.'),
      fieldPath: z.string().optional().describe('Ignored.'),
    })
    .meta({ ...typeName('ObjectReference'), ...atomicObject })
    .optional();

/** A version-less reference as Cluster API's v1beta2 contract writes it. */
export const contractReference = () =>
  z
    .object({
      apiGroup: z.string().min(1).max(253).describe('API group of the object.'),
      kind: z.string().min(1).max(63).describe('Kind of the object.'),
      name: z.string().min(1).max(253).describe('Name of the object, in the same namespace.'),
    })
    .meta(typeName('ContractReference'))
    .optional();

/** Where an API server answers. */
export const apiEndpoint = () =>
  z
    .object({
      host: z.string().min(1).max(512).optional().describe('Host name or address.'),
      port: z.int32().min(1).max(65535).optional().describe('Port.'),
    })
    .meta({ ...typeName('ApiEndpoint'), ...notEmpty })
    .optional()
    .describe("Where the cluster's API server answers; core copies it to the Cluster once.");

/** The Secret with an SSH private key. */
export const secretReference = () =>
  z
    .object({
      name: z.string().describe('Name of a Secret in the same namespace; the private key is under the key `value`.'),
    })
    .meta(typeName('SecretReference'));
