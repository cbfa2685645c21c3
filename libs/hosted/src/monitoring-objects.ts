import type { JsonObject } from './json.ts';
import { namesOf } from './names.ts';
import { hostedObject } from './object-meta.ts';
import type { HostedObject, HostedPlane } from './plane.ts';
import { hasEtcd } from './replicas.ts';

/** Where a Prometheus of the management cluster finds a plane's metrics. */
export const metricsPort = 8090;
/** Where members of etcd tell theirs, without TLS: they are no secret, and a network policy says who may ask. */
export const etcdMetricsPort = 2381;

const agentPort = 9090;
const agentFolder = '/etc/prometheus';
const certificateFolder = '/etc/prometheus-client';
const proxyFolder = '/etc/nginx-k0smotron';

/** Nobody; in group 0 a mounted key can be read. */
const unprivileged = { runAsNonRoot: true, runAsUser: 65_534, runAsGroup: 0 } as const;

/** True when the metrics of a plane are wanted. */
export const isMonitored = ({ spec }: HostedPlane): boolean => spec.monitoring?.enabled === true;

/** Configuration of the two containers that tell a plane's metrics; none for planes that are not monitored. */
export const monitoringObjects = (plane: HostedPlane): readonly HostedObject[] =>
  isMonitored(plane)
    ? [
        hostedObject(
          plane,
          { kind: 'ConfigMap', name: namesOf(plane).monitoring, group: 'cluster', component: 'monitoring' },
          {
            data: {
              'prometheus.yml': JSON.stringify(prometheusConfig(plane), undefined, 2),
              'nginx.conf': nginxConfig,
            },
          },
        ),
      ]
    : [];

/** JSON is YAML. Names of jobs and labels are the original's. Scheduler and controller manager sign their certificates themselves. */
function prometheusConfig(plane: HostedPlane): JsonObject {
  const cluster = { k0smotron_cluster: plane.name };
  const target = (port: number, component: string): JsonObject => ({
    targets: [`localhost:${port}`],
    labels: { component, ...cluster },
  });
  const names = namesOf(plane);
  const components = {
    job_name: 'k0smotron_cluster_metrics',
    scheme: 'https',
    tls_config: {
      insecure_skip_verify: true,
      cert_file: `${certificateFolder}/tls.crt`,
      key_file: `${certificateFolder}/tls.key`,
    },
    static_configs: [
      target(plane.spec.service.apiPort, 'kube-apiserver'),
      target(10_259, 'kube-scheduler'),
      target(10_257, 'kube-controller-manager'),
    ],
  };
  const etcd = {
    job_name: 'k0smotron_etcd_metrics',
    dns_sd_configs: [{ names: [`${names.etcd}.${plane.namespace}.svc`], type: 'A', port: etcdMetricsPort }],
    relabel_configs: Object.entries({ component: 'etcd', ...cluster }).map(([label, value]) => ({
      target_label: label,
      replacement: value,
    })),
  };
  return {
    global: { scrape_interval: '10s', evaluation_interval: '10s' },
    scrape_configs: [components, ...(hasEtcd(plane.spec) ? [etcd] : [])],
  };
}

/** Prometheus tells what others told it under a path with a selector, which those who look for metrics do not know. */
const nginxConfig = `worker_processes 1;
error_log /dev/stderr warn;
pid /tmp/nginx.pid;

events {
  worker_connections 64;
}

http {
  access_log off;
  client_body_temp_path /tmp/client;
  proxy_temp_path /tmp/proxy;
  fastcgi_temp_path /tmp/fastcgi;
  uwsgi_temp_path /tmp/uwsgi;
  scgi_temp_path /tmp/scgi;

  server {
    listen ${metricsPort};
    location = /metrics {
      # {job!=""}
      proxy_pass http://127.0.0.1:${agentPort}/federate?match%5B%5D=%7Bjob%21%3D%22%22%7D;
    }
  }
}
`;

/** What is added to the pods of API servers that are monitored. */
export interface MonitoringParts {
  readonly annotations: Readonly<Record<string, string>>;
  readonly containers: readonly JsonObject[];
  readonly volumes: readonly JsonObject[];
}

/** One container asks the parts of the plane, as a client that may read metrics and nothing else; the other tells of it. */
export function monitoringParts(plane: HostedPlane): MonitoringParts {
  const { monitoring } = plane.spec;
  if (!monitoring?.enabled) return { annotations: {}, containers: [], volumes: [] };
  const names = namesOf(plane);
  const securityContext = {
    ...unprivileged,
    allowPrivilegeEscalation: false,
    readOnlyRootFilesystem: true,
    capabilities: { drop: ['ALL'] },
  };
  const agent = {
    name: 'monitoring-agent',
    image: monitoring.prometheusImage,
    command: [
      'prometheus',
      `--config.file=${agentFolder}/prometheus.yml`,
      '--storage.tsdb.path=/prometheus',
      '--storage.tsdb.retention.size=200MB',
      `--web.listen-address=127.0.0.1:${agentPort}`,
    ],
    securityContext,
    volumeMounts: [
      { name: 'monitoring', mountPath: agentFolder, readOnly: true },
      { name: 'monitoring-client', mountPath: certificateFolder, readOnly: true },
      { name: 'monitoring-data', mountPath: '/prometheus' },
    ],
  };
  const proxy = {
    name: 'monitoring-proxy',
    image: monitoring.proxyImage,
    command: ['nginx', '-c', `${proxyFolder}/nginx.conf`, '-g', 'daemon off;'],
    ports: [{ name: 'metrics', containerPort: metricsPort, protocol: 'TCP' }],
    securityContext,
    volumeMounts: [
      { name: 'monitoring', mountPath: proxyFolder, readOnly: true },
      { name: 'monitoring-tmp', mountPath: '/tmp' },
    ],
  };
  return {
    annotations: {
      'prometheus.io/scrape': 'true',
      'prometheus.io/port': String(metricsPort),
      'prometheus.io/path': '/metrics',
    },
    containers: [agent, proxy],
    volumes: [
      { name: 'monitoring', configMap: { name: names.monitoring } },
      { name: 'monitoring-client', secret: { secretName: names.certificate('monitoring-client'), defaultMode: 0o440 } },
      { name: 'monitoring-data', emptyDir: {} },
      { name: 'monitoring-tmp', emptyDir: {} },
    ],
  };
}
