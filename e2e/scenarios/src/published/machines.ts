import { published } from './published.ts';

const root = { port: 22, user: 'root' };
const key = (name: string) => ({ sshKeyRef: { name } });
const template = (apiVersion: object, kind: string, name: string) => ({
  infrastructureRef: { ...apiVersion, kind, name },
});
/** As its schema and ours want it in both versions; some of its documents write `apiGroup` instead ({@link refusedByBoth}). */
const versioned = { apiVersion: 'infrastructure.cluster.x-k8s.io/v1beta1' };
const config = (spec: object) => ({
  k0s: { apiVersion: 'k0s.k0sproject.io/v1beta1', kind: 'ClusterConfig', metadata: { name: 'k0s' }, spec },
});
const anonymous = { api: { extraArgs: { 'anonymous-auth': 'true' } } };
const flatcar = {
  variant: 'flatcar',
  version: '1.1.0',
  additionalConfig: 'variant: flatcar\nversion: 1.1.0\npasswd:\n  users:\n    - name: core\n',
};
const jobOf = (container: object, volumes: object[]) => ({
  jobSpecTemplate: { spec: { template: { spec: { containers: [container], volumes, restartPolicy: 'Never' } } } },
});

/** Machines that answer SSH, and their pools. */
export const infrastructure = [
  ...published('RemoteCluster', {
    'v1beta1 docs/capi-remote.md': [undefined],
    'v1beta1 docs/capi-remotemachine-windows.md': [{}],
    'v1beta1 docs/capi-adoption.md': [{ controlPlaneEndpoint: { host: '1.2.3.4', port: 6443 } }],
  }),
  ...published('RemoteMachine', {
    'v1beta1 docs/capi-remote.md': [
      { address: '1.2.3.4', ...root, ...key('footloose-key') },
      { address: '1.2.3.4', port: 22, user: 'my-user', useSudo: true, ...key('my-user-key') },
      {
        address: '1.2.3.4',
        ...root,
        ...key('footloose-key'),
        customCleanUpCommands: ['systemctl stop custom-service', '/usr/local/bin/k0s etcd leave'],
      },
    ],
    'v1beta1 docs/capi-remotemachine-windows.md': [
      { address: '192.0.2.7', port: 22, user: 'Administrator', ...key('windows-ssh-key') },
    ],
    'v1beta1 docs/capi-remotemachine-teleport.md': [
      {
        address: 'server-name',
        useSudo: false,
        provisionJob: {
          sshCommand: 'tsh -i /identity-output/identity --proxy teleport.example.com:443 ssh',
          scpCommand: 'tsh -i /identity-output/identity --proxy teleport.example.com:443 scp',
          ...jobOf(
            {
              name: 'teleport',
              image: 'public.ecr.aws/gravitational/teleport:14.3.3',
              volumeMounts: [{ name: 'identity-output', mountPath: '/identity-output' }],
            },
            [{ name: 'identity-output', secret: { secretName: 'identity-output' } }],
          ),
        },
      },
    ],
    'v1beta1 docs/capi-remotemachine-okta-asa.md': [
      {
        address: 'server-name',
        useSudo: true,
        provisionJob: {
          sshCommand: 'ssh',
          scpCommand: 'scp',
          ...jobOf(
            {
              name: 'okta-asa',
              image: 'makhov/okta-asa-demo:latest',
              imagePullPolicy: 'Always',
              volumeMounts: [{ name: 'config', mountPath: '/etc/sft/sftd.yaml', subPath: 'sftd.yaml' }],
            },
            [
              { name: 'config', configMap: { name: 'okta-asa-config' } },
              { name: 'sftd-lib', persistentVolumeClaim: { claimName: 'okta-asa-demo-pvc' } },
            ],
          ),
        },
      },
    ],
  }),
  ...published('RemoteMachineTemplate', {
    'v1beta1 docs/capi-remote.md': [{ template: { spec: { pool: 'default' } } }],
  }),
  ...published('PooledRemoteMachine', {
    'v1beta1 docs/capi-remote.md': [
      { pool: 'default', machine: { address: '1.2.3.4', ...root, ...key('footloose-key-0') } },
    ],
    'v1beta1 docs/capi-remotemachine-windows.md': [
      {
        pool: 'cp',
        machine: { address: '192.0.2.8', port: 22, user: 'ubuntu', useSudo: true, ...key('linux-ssh-key') },
      },
    ],
  }),
];

/** Workers. */
export const workers = [
  ...published('K0sWorkerConfig', {
    'config/samples/bootstrap_v1beta2_k0sworkerconfig_with_secretmetadata.yaml': [
      {
        version: 'v1.30.0+k0s.0',
        secretMetadata: {
          labels: { team: 'platform', app: 'my-application' },
          annotations: { owner: 'platform-team@example.com' },
        },
      },
    ],
    'config/samples/capi/capi-controlplane-hetzner.yaml': [undefined],
    'docs/capi-remote.md': [
      {
        version: 'v1.32.2+k0s.0',
        files: [{ path: '/custom-cleanup-script.sh', content: '#!/bin/bash\necho clean\n', permissions: '0755' }],
      },
    ],
    'docs/capi-remotemachine-windows.md': [
      {
        version: 'v1.34.2+k0s.0',
        k0sInstallDir: 'C:\\k0s',
        provisioner: { platform: 'windows', type: 'cloud-config' },
      },
    ],
    'docs/capi-bootstrap.md': [
      {
        version: 'v1.27.2+k0s.0',
        preK0sCommands: ['apt-get update && apt-get install -y curl jq', 'sysctl -p'],
        postK0sCommands: ['systemctl start monitoring-agent', 'kubectl describe node $(hostname)'],
      },
    ],
    'docs/capi-remotemachine-windows.md, powershell': [
      { version: 'v1.34.2+k0s.0', provisioner: { platform: 'windows', type: 'powershell' } },
    ],
    'v1beta1 e2e/data/infrastructure-docker/main/bases/machine.yaml': [
      {
        version: 'v1.30.1+k0s.0',
        args: ['--labels=k0sproject.io/foo=bar'],
        files: [
          { path: '/tmp/test-file', content: 'test-file' },
          { path: '/tmp/test-file-secret', contentFrom: { secretRef: { name: 'test-file-secret', key: 'value' } } },
        ],
        preStartCommands: ['echo -n "pre-start" > /tmp/pre-start'],
        postStartCommands: ['echo -n "post-start" > /tmp/post-start'],
      },
    ],
  }),
  ...published('K0sWorkerConfigTemplate', {
    'docs/capi-openstack.md': [
      {
        template: {
          spec: {
            version: 'v1.32.6+k0s.0',
            args: ['--enable-cloud-provider', '--kubelet-extra-args="--cloud-provider=external"', '--debug=true'],
          },
        },
      },
    ],
    'docs/advanced/cloud-init.md': [
      {
        template: {
          spec: {
            provisioner: {
              customUserDataRef: { configMapRef: { name: 'worker-custom-userdata', key: 'customUserData' } },
            },
          },
        },
      },
    ],
    'e2e/data/infrastructure-aws/cluster-template-windows.yaml': [
      {
        template: {
          spec: { version: 'v1.34.2+k0s.0', provisioner: { platform: 'windows', type: 'powershell-xml' } },
        },
      },
    ],
    'v1beta1 e2e/data/infrastructure-aws/cluster-template-ignition-flatcar': [
      { template: { spec: { version: 'v1.30.2+k0s.0', k0sInstallDir: '/opt/bin', ignition: flatcar } } },
    ],
  }),
];

/** Control planes on machines. */
export const controlPlanes = published('K0sControlPlane', {
  'docs/capi-remote.md': [
    {
      replicas: 1,
      version: 'v1.27.1+k0s.0',
      k0sConfigSpec: config(anonymous),
      machineTemplate: template(versioned, 'RemoteMachineTemplate', 'remote-test-template'),
    },
  ],
  'docs/capi-aws-vm.md': [
    {
      replicas: 3,
      version: 'v1.33.2+k0s.0',
      updateStrategy: 'Recreate',
      k0sConfigSpec: { args: ['--enable-worker'], ...config({ ...anonymous, telemetry: { enabled: false } }) },
      machineTemplate: template(versioned, 'AWSMachineTemplate', 'k0s-aws-test-mt'),
    },
  ],
  'docs/capi-adoption.md': [
    {
      replicas: 3,
      version: 'v1.29.2+k0s.0',
      updateStrategy: 'InPlace',
      k0sConfigSpec: {},
      machineTemplate: template(versioned, 'RemoteMachineTemplate', 'my-cluster-cp-template'),
    },
  ],
  'docs/capi-use-oci-registry.md': [
    {
      replicas: 3,
      version: 'v1.34.1+k0s.0',
      updateStrategy: 'Recreate',
      k0sConfigSpec: {
        downloadURL: 'oci://example.com/my-repo/k0s@sha256:abcdefg123456789',
        files: [
          {
            path: '/root/.docker/config.json',
            contentFrom: { secretRef: { name: 'my-oras-config', key: '.dockerconfigjson' } },
          },
        ],
        preK0sCommands: ['VERSION="1.3.0"', 'export DOCKER_CONFIG=/root/.docker'],
      },
      machineTemplate: template(versioned, 'AWSMachineTemplate', 'oci'),
    },
  ],
  'v1beta1 docs/windows-workers.md': [
    {
      replicas: 1,
      version: 'v1.34.2+k0s.0',
      updateStrategy: 'Recreate',
      k0sConfigSpec: {
        args: ['--enable-worker'],
        ...config({ ...anonymous, telemetry: { enabled: false }, network: { provider: 'calico' } }),
      },
      machineTemplate: {
        infrastructureRef: {
          apiVersion: 'infrastructure.cluster.x-k8s.io/v1beta2',
          kind: 'AWSMachineTemplate',
          name: 'k0s-aws-test-mt-cp',
          namespace: 'default',
        },
      },
    },
  ],
  'v1beta1 e2e/data/infrastructure-aws/cluster-template-ignition-flatcar': [
    {
      replicas: 3,
      version: 'v1.30.2+k0s.0',
      k0sConfigSpec: { k0sInstallDir: '/opt/bin', ignition: flatcar, args: ['--enable-worker', '--debug'] },
      machineTemplate: template(versioned, 'AWSMachineTemplate', 'aws'),
    },
  ],
});
