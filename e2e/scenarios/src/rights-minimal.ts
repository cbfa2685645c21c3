import { readFile } from 'node:fs/promises';
import type { KubeObject } from '@k0smotron/core';
import type { KubeClient } from '@k0smotron/kube';
import { loadAll } from 'js-yaml';
import { countRequests, type RequestClass } from './rights-minimal-requests.ts';
import { providersDir } from './system/repository.ts';
import { systemNamespace } from './system/service-account.ts';
import { services, type ServiceName } from './system/services.ts';

/** One verb on one resource for one service, as its package grants it. */
interface Right extends RequestClass {
  /** `bootstrap: patch k0sworkerconfigs.bootstrap.cluster.x-k8s.io`, with ` here` for rights in the own namespace only. */
  readonly words: string;
}

/** What became of the rights of the services while they were recorded. */
export interface RecordedRights {
  /** Every right that is granted. */
  readonly granted: readonly string[];
  /** Rights that no request needed. */
  readonly unused: readonly string[];
  /** Services with requests that no right covers, and how many. */
  readonly uncovered: Readonly<Partial<Record<ServiceName, number>>>;
}

interface Role extends KubeObject {
  readonly rules: readonly Rule[] | null;
}

interface Rule {
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  readonly verbs: readonly string[];
}

/** A recording that goes on until it is closed. */
export interface RightsRecorder {
  read(): Promise<RecordedRights>;
  close(): Promise<void>;
}

/** Records from now on which of their rights the services use. */
export async function recordRights(kube: KubeClient): Promise<RightsRecorder> {
  const rights = (await Promise.all(services.map(({ name }) => rightsOf(name)))).flat();
  const rest = services.map(({ name }) => everythingElse(name));
  const counter = await countRequests(kube, [...rights, ...rest]);
  return {
    close: () => counter.close(),
    async read() {
      const counts = await counter.read();
      const others = rest.map(({ service, name }) => [service, counts.get(name) ?? 0] as const);
      return {
        granted: rights.map(({ words }) => words),
        unused: rights.filter(({ name }) => counts.get(name) === 0).map(({ words }) => words),
        uncovered: Object.fromEntries(others.filter(([, count]) => count > 0)),
      };
    },
  };
}

async function rightsOf(service: ServiceName): Promise<Right[]> {
  const roles = loadAll(await readFile(`${providersDir}/${service}/rbac.yaml`, 'utf8')) as Role[]; // and the guards of Secrets, which grant nothing
  const words = new Set<string>();
  const rights: Right[] = [];
  for (const role of roles) {
    for (const right of (role.rules ?? []).flatMap((rule) => split(service, role.kind === 'Role', rule))) {
      if (words.has(right.words)) continue; // some objects by name, and all
      words.add(right.words);
      rights.push({ ...right, name: `right-${service}-${rights.length}` });
    }
  }
  return rights;
}

/** The narrowest right takes a request: own namespace before all, a resource by name before any resource. */
const split = (service: ServiceName, here: boolean, { apiGroups, resources, verbs }: Rule): Right[] =>
  apiGroups.flatMap((group) =>
    resources.flatMap((resource) =>
      verbs.map((verb) => ({
        name: '',
        service,
        verbs: [verb],
        groups: [group],
        resources: [resource],
        ...(here ? { namespace: systemNamespace } : {}),
        rank: here ? 1 : resource === '*' ? 3 : 2,
        words: `${service}: ${verb} ${resource}${group && `.${group}`}${here ? ' here' : ''}`,
      })),
    ),
  );

const everythingElse = (service: ServiceName): RequestClass => ({
  name: `right-${service}-none`,
  service,
  verbs: ['*'],
  groups: ['*'],
  resources: ['*'],
  rank: 4,
});

/**
 * Takes a right away from a running service while `work` goes on, and gives it back: the API server looks at roles with
 * each request.
 */
export async function without<T>(
  kube: KubeClient,
  service: ServiceName,
  { verb, resource }: { readonly verb: string; readonly resource: string },
  work: () => Promise<T>,
): Promise<T> {
  const path = `/apis/rbac.authorization.k8s.io/v1/clusterroles/k0smotron-${service}`;
  const { body } = await kube.request({ method: 'GET', path });
  const role = body as Role;
  const rules = (role.rules ?? []).flatMap((rule) =>
    rule.resources.includes(resource) && rule.verbs.includes(verb)
      ? [
          { ...rule, resources: rule.resources.filter((it) => it !== resource) },
          { ...rule, resources: [resource], verbs: rule.verbs.filter((it) => it !== verb) },
        ].filter(({ resources, verbs }) => resources.length > 0 && verbs.length > 0)
      : [rule],
  );
  await setRules(kube, path, rules);
  try {
    return await work();
  } finally {
    await setRules(kube, path, role.rules ?? []);
  }
}

async function setRules(kube: KubeClient, path: string, rules: readonly Rule[]): Promise<void> {
  const contentType = 'application/merge-patch+json';
  const { status, body } = await kube.request({ method: 'PATCH', path, contentType, body: { rules } });
  if (status !== 200) throw new Error(`${path}: status ${status} ${JSON.stringify(body)}`);
}
