import { mkdir, readFile, writeFile } from 'node:fs/promises';
import type { ControlPlane, Lab } from '@k0smotron/lab';
import type { KubeClient } from '@k0smotron/kube';
import { createCa, issue } from '@k0smotron/pki';
import { loadAll } from 'js-yaml';
import { providersDir } from '../system/repository.ts';
import { serviceKubeconfig, systemNamespace } from '../system/service-account.ts';
import type { ServiceName } from '../system/services.ts';
import type { ContainerOptions } from './run-image.ts';

/** What a service's Deployment asks of the kubelet. */
export interface Manager {
  readonly args: readonly string[];
  readonly env: readonly { readonly name: string; readonly valueFrom: { readonly fieldRef?: object } }[];
  readonly securityContext: object;
  readonly volumeMounts: readonly { readonly name: string; readonly mountPath: string }[];
}

/** The container of a service's Deployment. */
export async function managerOf(service: string): Promise<Manager> {
  const objects = loadAll(await readFile(`${providersDir}/${service}/manager.yaml`, 'utf8'));
  const deployment = (objects as readonly { readonly kind: string }[]).find(({ kind }) => kind === 'Deployment');
  const { spec } = deployment as unknown as { spec: { template: { spec: { containers: [Manager] } } } };
  return spec.template.spec.containers[0];
}

/**
 * What the container of a service finds in a pod: the API server's address, its ServiceAccount's token, a certificate, and the
 * hosts file that the kubelet writes.
 */
export async function asInPod(
  service: ServiceName,
  { lab, kube, controlPlane }: { readonly lab: Lab; readonly kube: KubeClient; readonly controlPlane: ControlPlane },
): Promise<Pick<ContainerOptions, 'args' | 'env' | 'mounts'>> {
  const { args, env, volumeMounts } = await managerOf(service);
  const folder = `${lab.dir}/pods/${service}`;
  const [account, certificates] = [`${folder}/account`, `${folder}/certificates`];
  for (const each of [account, certificates]) await mkdir(each, { recursive: true });

  const { url, caPem } = controlPlane;
  await serviceKubeconfig(kube, service, `${folder}/kubeconfig`, { server: url, caPem });
  const { users } = JSON.parse(await readFile(`${folder}/kubeconfig`, 'utf8')) as {
    users: [{ user: { token: string } }];
  };
  await writeFile(`${account}/token`, users[0].user.token);
  await writeFile(`${account}/ca.crt`, caPem);
  await writeFile(`${account}/namespace`, systemNamespace);

  const ca = await createCa({ commonName: 'lab webhooks', years: 1 });
  const { certPem, keyPem } = await issue(ca, {
    commonName: service,
    dnsNames: [service],
    usages: ['server'],
    days: 30,
  });
  await writeFile(`${certificates}/tls.crt`, certPem);
  await writeFile(`${certificates}/tls.key`, keyPem);

  const ofCertificate = volumeMounts.filter(({ name }) => name === 'certificate');
  await writeFile(`${folder}/hosts`, '127.0.0.1\tlocalhost\n');
  const { hostname, port } = new URL(url);
  return {
    args,
    env: {
      KUBERNETES_SERVICE_HOST: hostname,
      KUBERNETES_SERVICE_PORT: port,
      ...Object.fromEntries(
        env.filter(({ valueFrom }) => valueFrom.fieldRef).map(({ name }) => [name, systemNamespace]),
      ),
    },
    mounts: {
      '/var/run/secrets/kubernetes.io/serviceaccount': account,
      '/etc/hosts': `${folder}/hosts`,
      ...Object.fromEntries(ofCertificate.map(({ mountPath }) => [mountPath, certificates])),
    },
  };
}
