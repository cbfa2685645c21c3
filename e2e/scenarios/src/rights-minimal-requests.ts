import type { Kind, KubeObject } from '@k0smotron/core';
import type { KubeClient } from '@k0smotron/kube';
import { eventually } from '@k0smotron/testing';
import { systemNamespace } from './system/service-account.ts';
import type { ServiceName } from './system/services.ts';

/** Requests of one service that are counted together; words as in an RBAC rule, `*` for all, `a/b` for subresources. */
export interface RequestClass {
  /** A DNS label, unique in the cluster. */
  readonly name: string;
  readonly service: ServiceName;
  readonly verbs: readonly string[];
  readonly groups: readonly string[];
  readonly resources: readonly string[];
  /** Only this namespace; all of them, and what is in none, unless given. */
  readonly namespace?: string;
  /** Classes of a lower rank take a request first; 0 to 999. */
  readonly rank: number;
}

/** Counts requests while they come. */
export interface RequestCounter {
  /** Requests of each class since the counter began, by its name; the API server's own count. */
  read(): Promise<ReadonlyMap<string, number>>;
  close(): Promise<void>;
}

interface FlowSchema extends KubeObject {
  readonly spec?: unknown;
  readonly status?: { readonly conditions?: readonly { readonly type: string; readonly status: string }[] };
}

const FlowSchema: Kind<FlowSchema> = {
  group: 'flowcontrol.apiserver.k8s.io',
  version: 'v1',
  kind: 'FlowSchema',
  plural: 'flowschemas',
  namespaced: false,
};

/** The priority level that the requests of service accounts have anyway. */
const level = 'workload-low';
/** Above those that the API server brings for leases and for service accounts as such. */
const firstPrecedence = 10;

/**
 * Lets the API server count requests by user, verb and resource: each class is a FlowSchema, whose rules match as those of
 * RBAC do, and whose metric is exact. Requests are counted before they are authorised, so that refused ones count, too.
 */
export async function countRequests(
  kube: KubeClient,
  classes: readonly RequestClass[],
  options: { readonly timeoutMs?: number } = {},
): Promise<RequestCounter> {
  await Promise.all(classes.map((one) => kube.create(FlowSchema, schemaOf(one))));
  for (const { name } of classes) await eventually(() => inForce(kube, name), { timeoutMs: 30_000, ...options });
  const before = await dispatched(kube);
  return {
    async read() {
      const now = await dispatched(kube);
      return new Map(classes.map(({ name }) => [name, (now.get(name) ?? 0) - (before.get(name) ?? 0)]));
    },
    close: async () => {
      await Promise.all(classes.map(({ name }) => kube.remove(FlowSchema, { name })));
    },
  };
}

const schemaOf = ({ name, service, verbs, groups, resources, namespace, rank }: RequestClass) => ({
  metadata: { name },
  spec: {
    priorityLevelConfiguration: { name: level },
    matchingPrecedence: firstPrecedence + rank,
    rules: [
      {
        subjects: [
          { kind: 'ServiceAccount', serviceAccount: { namespace: systemNamespace, name: `k0smotron-${service}` } },
        ],
        resourceRules: [
          {
            verbs,
            apiGroups: groups,
            resources,
            namespaces: [namespace ?? '*'],
            clusterScope: namespace === undefined,
          },
        ],
      },
    ],
  },
});

/** The API server writes the status once it has begun to use the schema. */
async function inForce(kube: KubeClient, name: string): Promise<void> {
  const schema = await kube.get(FlowSchema, { name });
  const dangling = schema?.status?.conditions?.find(({ type }) => type === 'Dangling');
  if (dangling?.status !== 'False') throw new Error(`FlowSchema ${name} is not in force yet`);
}

/** Requests that the API server has begun to serve, by FlowSchema. */
async function dispatched(kube: KubeClient): Promise<ReadonlyMap<string, number>> {
  const { status, body } = await kube.request({ method: 'GET', path: '/metrics' });
  if (status !== 200) throw new Error(`the metrics of the API server: status ${status}`);
  const counts = new Map<string, number>();
  const line = /^apiserver_flowcontrol_dispatched_requests_total\{flow_schema="([^"]+)"[^}]*\} (\S+)$/gm;
  for (const [, name = '', value] of String(body).matchAll(line)) {
    counts.set(name, (counts.get(name) ?? 0) + Number(value));
  }
  return counts;
}
