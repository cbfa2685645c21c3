/** `npm run demo`: from nothing to `kubectl get nodes` of a k0s cluster made over SSH from the articles' manifests. */
import { Cluster, K0sControlPlane, Machine as CapiMachine } from '@k0smotron/api';
import { describeK0s, k0sBinary } from '@k0smotron/lab';
import { parseArgs } from 'node:util';
import { applyManifests } from '../cluster/apply.ts';
import {
  clusterKey,
  prepareGround,
  waitForCondition,
  waitForNodes,
  workloadClient,
  type Ground,
} from '../cluster/lab-cluster.ts';
import {
  controlPlaneManifests,
  machineDeploymentManifests,
  pooledMachines,
  singleWorkerManifests,
} from '../cluster/manifests.ts';
import { startSystem, type System } from '../system/start-system.ts';
import { ensureBundles } from './ensure-bundles.ts';
import { keepServing } from './keep-serving.ts';
import { Phases } from './phases.ts';
import { printNodes, printTree } from './tree.ts';

const help = `npm run demo [-- --keep] [--name demo]

Makes a k0s cluster on real machines of this host: one controller from a pool, a worker from a
MachineDeployment over a second pool, and the articles' single worker.
  --keep   leave everything up; take it down with: npm run lab -- down --name demo
`;

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      keep: { type: 'boolean', default: false },
      name: { type: 'string', default: 'demo' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return void process.stdout.write(help);

  console.log(`This cluster will run on ${describeK0s(await k0sBinary())}`);
  const phases = new Phases();
  await phases.run('Bundles of the four services', () => ensureBundles());
  const system = await phases.run('API server, Cluster API core, NATS and our services', (say) =>
    startSystem({ name: values.name, keep: values.keep, say }),
  );
  const stop = takeDownOnSignal(system);
  try {
    const ground = await phases.run('Machines that answer SSH', () => prepareGround(system, 3));
    await makeCluster(system, ground, phases);
    phases.summary();
    if (values.keep) await keepServing(system, ground);
    if (values.keep) console.log(`\nThe lab stays up. Take it down with: npm run lab -- down --name ${values.name}`);
  } finally {
    stop.disarm();
    if (!values.keep) await phases.run('Taking the lab down', () => system.close());
  }
}

async function makeCluster(system: System, { machines, values, loadBalancer }: Ground, phases: Phases): Promise<void> {
  const [controller, worker, single] = machines;
  if (!controller || !worker || !single) throw new Error('three machines are needed');
  loadBalancer.setBackends([controller.address]);
  console.log(`k0s ${values.version}, downloaded by the machines from ${values.downloadURL}`);

  await phases.run('Applying the manifests of the articles', async (say) => {
    const applied = await applyManifests(system, [
      ...pooledMachines('default', [controller]),
      ...pooledMachines('worker-pool', [worker]),
      ...(await controlPlaneManifests(values)),
      ...(await machineDeploymentManifests(values)),
      ...(await singleWorkerManifests(values, single)),
    ]);
    for (const line of applied.trim().split('\n')) say(line);
  });
  await phases.run('Control plane on its machine', () =>
    waitForCondition(system.kube, K0sControlPlane, clusterKey, {
      type: 'Available',
      status: 'True',
      timeoutMs: 180_000,
    }),
  );
  const workload = await workloadClient(system);
  const nodes = await phases.run('Workers join and become Ready', () => waitForNodes(workload, 2, 180_000));
  await phases.run('Cluster available for Cluster API', () =>
    waitForCondition(system.kube, Cluster, clusterKey, { type: 'Available', status: 'True', timeoutMs: 120_000 }),
  );
  printTree(
    await system.kube.get(Cluster, clusterKey),
    await system.kube.get(K0sControlPlane, clusterKey),
    await system.kube.list(CapiMachine, { namespace: 'default' }),
  );
  printNodes(nodes);
  await workload.close();
}

/** Ctrl-C takes the lab down before the process ends; a second one ends it at once (the next lab sweeps what stays). */
function takeDownOnSignal(system: System): { disarm(): void } {
  let asked = false;
  const onSignal = (): void => {
    if (asked) process.exit(130);
    asked = true;
    console.log('\nStopping: taking the lab down');
    void system.lab.close().finally(() => process.exit(130));
  };
  process.on('SIGINT', onSignal);
  process.on('SIGTERM', onSignal);
  return { disarm: () => void process.off('SIGINT', onSignal).off('SIGTERM', onSignal) };
}

main().then(
  () => process.exit(0),
  (error: unknown) => {
    console.error(`\nThe demo failed: ${error instanceof Error ? error.message : String(error)}`);
    process.exit(1);
  },
);
