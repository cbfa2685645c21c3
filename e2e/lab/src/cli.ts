import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';

import { Command } from 'commander';

import { binary } from './binaries/binary.ts';
import { binarySets } from './binaries/sets.ts';
import { printFacts } from './facts.ts';
import { attachLab, listLabs, sweep } from './open-lab.ts';
import { LabError } from './lab-error.ts';
import { clusterctlConfig } from './management/clusterctl-repository.ts';
import { loadImages } from './management/kubelet-cluster.ts';
import { listMachines, startMachines } from './machines/start-machines.ts';
import { natsUrlOf } from './nats.ts';
import { cacheDir } from './paths.ts';
import { logPathOf } from './start-process.ts';
import { kubeconfigOf, partsOf, summaryOfChanges } from './status.ts';
import { attachOrOpen, prepareAll, up } from './up.ts';

const program = new Command('lab').description(
  'A real environment on this machine: API server, Cluster API core, NATS, machines.',
);
program.option(
  '--name <name>',
  'which lab; K0SMOTRON_LAB_NAME unless given',
  process.env['K0SMOTRON_LAB_NAME'] || 'default',
);
program.addHelpText(
  'after',
  `
Examples:
  npm run lab -- up                         API server, controllers, NATS, Cluster API core
  npm run lab -- machine up 3               three machines that answer SSH
  export KUBECONFIG=$(npm run -s lab -- kubeconfig)
  npm run lab -- logs kube-apiserver -f     "status" names the parts
  npm run lab -- down                       takes all of it back

A lab stays until "down". Binaries and images are kept in ${cacheDir()}.
Other settings, by environment: see e2e/lab/README.md.`,
);
program.showHelpAfterError('"npm run lab -- --help" shows what there is');

const labName = (): string => program.opts<{ name: string }>().name;
const say = (text: string): void => void process.stdout.write(`${text}\n`);

program
  .command('up')
  .description('start the lab; it stays until "down"')
  .option('--kubelet', 'an empty cluster whose pods run, for clusterctl to fill; needs real k0s and root')
  .action(async ({ kubelet = false }: { kubelet?: boolean }) => {
    const lab = await up(labName(), { kubelet });
    say(`export KUBECONFIG=${kubeconfigOf(lab)}`);
  });

program
  .command('down')
  .description('take the lab and all that it changed away')
  .option('--all', 'every lab of this cache, those of running tests too')
  .action(async ({ all = false }: { all?: boolean }) => {
    const labs = listLabs().filter(({ name }) => all || name === labName());
    await sweep(); // also those whose last take-down was cut short
    for (const { name } of labs) {
      if (listLabs().some((left) => left.name === name)) await attachLab(name).close();
      say(`lab ${name} is down`);
    }
    if (labs.length === 0) say(all ? 'there are no labs' : `there is no lab named ${labName()}`);
  });

program
  .command('status')
  .description('the labs of this cache, and the parts of this one')
  .action(async () => {
    for (const { name, owner, dir } of listLabs()) say(`lab ${name}  owner ${owner}  ${dir}`);
    if (!listLabs().some(({ name }) => name === labName())) return say(`there is no lab named ${labName()}`);
    const lab = attachLab(labName());
    for (const { name, pid, running } of partsOf(lab))
      say(`  ${name.padEnd(28)} ${running ? `running, pid ${pid}` : 'ended'}`);
    for (const machine of await listMachines(lab)) say(`  machine ${machine.name.padEnd(20)} ${machine.address}`);
    say(`  changed on this host: ${summaryOfChanges(lab)}`);
  });

program
  .command('logs')
  .description('output of a part, as "status" names it')
  .argument('<part>')
  .option('-f, --follow', 'go on as it grows')
  .action((part: string, { follow = false }: { follow?: boolean }) => {
    const path = logPathOf(attachLab(labName()), part);
    if (!existsSync(path)) throw new LabError(`lab ${labName()} has no log of ${part}`);
    if (follow) spawn('tail', ['-n', '50', '-F', path], { stdio: 'inherit' });
    else process.stdout.write(readFileSync(path));
  });

program
  .command('kubeconfig')
  .description('path of the administrator kubeconfig')
  .action(() => say(kubeconfigOf(attachLab(labName()))));

program
  .command('load')
  .description('put images on the node of a cluster with a kubelet')
  .argument('<archives...>', 'OCI archives, as "npm run images" writes them')
  .action(async (archives: string[]) => {
    await loadImages(attachLab(labName()), archives);
    say(`${archives.length} images are on the node`);
  });

program
  .command('clusterctl')
  .description(
    'a clusterctl.yaml for the cluster with a kubelet: core and cert-manager from the lab, and these providers',
  )
  .argument('<file>', 'clusterctl.yaml that names the providers, as "npm run release" writes it')
  .action((file: string) => void process.stdout.write(clusterctlConfig(attachLab(labName()), file)));

program
  .command('path')
  .description('folders of kubectl, clusterctl and etcdctl, for PATH')
  .action(async () => {
    const programs = [await binary('kubectl'), await binary('clusterctl'), await binary('etcdctl')];
    say([...new Set(programs.map((path) => dirname(path)))].join(':'));
  });

program
  .command('nats')
  .description('address of NATS')
  .action(() => say(natsUrlOf(attachLab(labName()))));

program
  .command('facts')
  .description('what the services told over NATS, one line of JSON each, oldest first')
  .option('-f, --follow', 'go on with what comes')
  .action(({ follow = false }: { follow?: boolean }) => printFacts(natsUrlOf(attachLab(labName())), { follow, say }));

program
  .command('binaries')
  .description('find or build everything that labs need, so that later runs take seconds')
  .argument('[sets...]', `some of ${binarySets.map(({ name }) => name).join(', ')}; all unless given`)
  .option('--quiet', 'only say what begins and ends')
  .action(async (sets: string[], { quiet = false }: { quiet?: boolean }) => {
    const unknown = sets.find((name) => !binarySets.some((set) => set.name === name));
    if (unknown)
      throw new LabError(`there is no set ${unknown}: choose from ${binarySets.map(({ name }) => name).join(', ')}`);
    if (quiet) process.env['K0SMOTRON_LAB_QUIET'] = '1';
    await prepareAll(sets);
  });

const machine = program.command('machine').description('machines that answer SSH');

machine
  .command('up')
  .description('boot machines; makes the lab when there is none')
  .argument('[count]', 'how many', '1')
  .option('--k0s', 'with k0s and its parts in place')
  .action(async (text: string, { k0s = false }: { k0s?: boolean }) => {
    const count = Number(text);
    if (!Number.isInteger(count) || count < 1 || count > 200)
      throw new LabError(`"${text}" machines: give a number from 1 to 200`);
    const lab = await attachOrOpen(labName());
    const options = k0s ? { parts: true, preInstalledK0s: true } : {};
    for (const { name, address } of await startMachines(lab, count, options)) say(`${name}  ${address}`);
  });

machine
  .command('down')
  .description('remove machines with their files; all of the lab unless named')
  .argument('[names...]')
  .action(async (names: string[]) => {
    const machines = await listMachines(attachLab(labName()));
    const chosen = machines.filter(({ name }) => names.length === 0 || names.includes(name));
    const missing = names.find((name) => !machines.some((one) => one.name === name));
    if (missing) throw new LabError(`lab ${labName()} has no machine ${missing}`);
    await Promise.all(chosen.map((one) => one.remove()));
    say(`${chosen.length} machines removed`);
  });

machine
  .command('ls')
  .description('the machines of the lab')
  .action(async () => {
    for (const { name, address } of await listMachines(attachLab(labName()))) say(`${name}  ${address}`);
  });

program.parseAsync().catch((error: unknown) => {
  const text =
    error instanceof LabError ? error.message : error instanceof Error ? (error.stack ?? error.message) : String(error);
  process.stderr.write(`lab: ${text}\n`);
  process.exitCode = 1;
});
