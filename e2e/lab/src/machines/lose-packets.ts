import { run } from '../command.ts';
import { addFirewallRule } from '../host-changes.ts';
import type { Lab } from '../lab.ts';
import { LabError } from '../lab-error.ts';
import type { Machine } from './machine.ts';

/** A bad line between this host and one machine. */
export interface BadLine {
  /** Packets that it has lost so far, both ways. */
  lost(): Promise<number>;
  /** The line is good again; may be called again. */
  heal(): Promise<void>;
}

/**
 * From now on loses a share (0 to 1) of the packets between this host and a running machine, each way; 1 is a black hole. Each
 * side drops what it receives, since a sender's own firewall would tell the sender. Done by netfilter's `statistic` match:
 * netem is not in every kernel.
 * @throws LabError when a rule cannot be added.
 */
export async function losePackets(lab: Lab, machine: Machine, share: number): Promise<BadLine> {
  const match = share >= 1 ? [] : ['-m', 'statistic', '--mode', 'random', '--probability', String(share)];
  const here = ['-s', machine.address, ...match, '-j', 'DROP'];
  const there = `INPUT ! -i lo -p tcp --dport 22 ${match.join(' ')} -j DROP`;
  const iptables = async (args: string): Promise<string> => {
    const { code, stdout, stderr } = await machine.exec(`iptables -w ${args}`);
    if (code !== 0) throw new LabError(`${machine.name}: iptables ${args}: ${stderr}`);
    return stdout;
  };
  await iptables(`-I ${there}`);
  const rule = await addFirewallRule(lab, { chain: 'INPUT', rule: here });
  let healed: Promise<void> | undefined;
  const heal = async (): Promise<void> => {
    await rule.undo();
    await machine.exec(`iptables -w -D ${there}`); // gone already when the machine was booted again
  };
  return {
    lost: async () => {
      const rules = await run('iptables', ['-w', '-nvxL', 'INPUT']);
      const ours = rules.split('\n').find((line) => line.includes(` ${machine.address} `) && line.includes('DROP'));
      return packetsOf(ours) + packetsOf((await iptables('-nvxL INPUT 1')).trim().split('\n').at(-1));
    },
    heal: () => (healed ??= heal()),
  };
}

/** First column of a line of `iptables -nvxL`. */
const packetsOf = (line = ''): number => Number(line.trim().split(/\s+/)[0]) || 0;
