import { auditPermissions } from '@k0smotron/audit';
import { toClusterRole } from '@k0smotron/crd';
import { runtimePermissions, type Controller } from '@k0smotron/runtime';
import { controllers as bootstrap } from '@k0smotron/bootstrap/controllers';
import { controllers as controlPlane } from '@k0smotron/control-plane/controllers';
import { controllers as etcdSnapshot } from '@k0smotron/etcd-snapshot/controllers';
import { controllers as infrastructure } from '@k0smotron/infrastructure/controllers';
import { objectName, type Provider } from './provider.ts';
import { secretGuards } from './secret-guards.ts';

/** Stands for every dependency: declarations are read here, nothing is run. */
const anything: never = new Proxy(() => undefined, { get: () => anything, apply: () => anything }) as never;

const services: Readonly<Record<string, readonly Controller[]>> = {
  infrastructure: infrastructure(anything),
  bootstrap: bootstrap(anything),
  'control-plane': controlPlane(anything),
  'etcd-snapshot': etcdSnapshot(anything),
};
/** Those with effects that have to be told. */
const audited = new Set(['infrastructure', 'bootstrap', 'control-plane']);

/** The rights of a service, from what its controllers declare, and the guard of what RBAC cannot say. */
export function accessObjects(provider: Provider): readonly object[] {
  const name = objectName(provider);
  const controllers = services[provider.service] ?? [];
  const declared = controllers.flatMap(({ permissions }) => [...runtimePermissions.reconciling, ...permissions]);
  const clusterRole = toClusterRole(name, [...runtimePermissions.cluster, ...declared]);
  const audit = audited.has(provider.service) ? auditPermissions(provider.service) : [];
  const role = { ...toClusterRole(name, [...runtimePermissions.namespaced, ...audit]), kind: 'Role' };
  return [clusterRole, role, ...secretGuards(provider)];
}
