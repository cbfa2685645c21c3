/** `npm run bench [-- services hosts cluster quiet planes]`: figures of one run on this machine, to be compared side by side only. */
import { writeFile, mkdir } from 'node:fs/promises';
import { ensureBundles, startSystem } from '@k0smotron/scenarios';
import { benchCluster } from './cluster.ts';
import { textOf, type Figure } from './figure.ts';
import { benchHosts } from './hosts.ts';
import { benchPlanes } from './planes.ts';
import { benchQuiet } from './quiet.ts';
import { benchServices } from './services.ts';

const all = {
  services: benchServices,
  hosts: benchHosts,
  cluster: benchCluster,
  quiet: benchQuiet,
  planes: benchPlanes,
};

async function main(): Promise<void> {
  const asked = process.argv.slice(2);
  const chosen = Object.entries(all).filter(([name]) => asked.length === 0 || asked.includes(name));
  if (chosen.length === 0) throw new Error(`unknown bench: one of ${Object.keys(all).join(', ')}`);
  await ensureBundles();
  const figures: Figure[] = [];
  for (const [name, bench] of chosen) {
    console.log(`▸ ${name}`);
    const system = await startSystem({ say: (line) => console.log(`  ${line}`) });
    try {
      for await (const figure of bench(system)) {
        figures.push(figure);
        console.log(`  ${figure.work.padEnd(48)} ${textOf(figure)}`);
      }
    } finally {
      await system.close();
    }
  }
  await mkdir('.results', { recursive: true });
  await writeFile('.results/bench.json', JSON.stringify(figures, undefined, 2));
  console.log('\n| Work | Seen | Original (Go 2.1.0) | Aim |\n| --- | --- | --- | --- |');
  for (const figure of figures) {
    console.log(`| ${figure.work} | ${textOf(figure)} | ${figure.original ?? ''} | ${figure.aim ?? ''} |`);
  }
}

main().then(
  () => process.exit(0),
  (error: unknown) => {
    console.error(error instanceof Error ? error.message : error);
    process.exit(1);
  },
);
