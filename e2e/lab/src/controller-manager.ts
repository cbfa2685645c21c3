import { binary } from './binaries/binary.ts';
import { run } from './command.ts';
import type { ControlPlaneFiles } from './control-plane-files.ts';
import type { Lab } from './lab.ts';
import type { LabProcess } from './start-process.ts';
import { assertRunning, startProcess } from './start-process.ts';
import { waitUntil } from './wait-until.ts';

/** Only what an API without nodes needs; the others would only look at nodes and pods that are never there. */
const controllers = [
  'garbage-collector-controller',
  'namespace-controller',
  'serviceaccount-controller',
  'serviceaccount-token-controller',
];

/**
 * Starts kube-controller-manager and waits until it works, which shows in the default service account.
 * @throws LabError with the end of its log when it does not come up.
 */
export async function startControllerManager(lab: Lab, files: ControlPlaneFiles, name: string): Promise<LabProcess> {
  const manager = await startProcess(lab, {
    name,
    command: await binary('kube-controller-manager'),
    args: [
      `--kubeconfig=${files.kubeconfigPath}`,
      `--controllers=${controllers.join(',')}`,
      `--service-account-private-key-file=${files.serviceAccountKeyPath}`,
      `--root-ca-file=${files.caPath}`,
      '--use-service-account-credentials=false',
      '--leader-elect=false',
      '--secure-port=0', // no listener, so nothing to claim
    ],
  });
  const kubectl = await binary('kubectl');
  const args = [
    '--kubeconfig',
    files.kubeconfigPath,
    'get',
    'serviceaccount',
    'default',
    '-n',
    'default',
    '-o',
    'name',
  ];
  await waitUntil(() => (assertRunning(manager), run(kubectl, args)), { what: name, intervalMs: 250 });
  return manager;
}
