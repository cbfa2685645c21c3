import type { Cluster } from '@k0smotron/api';
import { renderControllerConfig, type JsonObject } from '@k0smotron/k0s';

/**
 * The user's k0s configuration with the networks of the Cluster where it names none itself. What it says of the API and of
 * storage stays untouched: that is filled in where the pods are made.
 */
export function withNetworkOf(user: JsonObject | undefined, { spec }: Cluster): JsonObject | undefined {
  const network = {
    podCidrs: spec.clusterNetwork?.pods?.cidrBlocks,
    serviceCidrs: spec.clusterNetwork?.services?.cidrBlocks,
    serviceDomain: spec.clusterNetwork?.serviceDomain,
  };
  if (!Object.values(network).some((part) => part && part.length > 0)) return user;
  // Nothing of etcd is ours to say here, which is what `single` means.
  const rendered = renderControllerConfig({
    k0s: user ?? {},
    machineName: '',
    endpointHost: '',
    single: true,
    ...network,
  });
  const { network: merged } = rendered['spec'] as { readonly network: JsonObject };
  const { apiVersion, kind } = rendered;
  return { apiVersion, kind, ...user, spec: { ...(user?.['spec'] as JsonObject | undefined), network: merged } };
}
