import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { networkInterfaces } from 'node:os';
import { join } from 'node:path';

import { record } from './journal.ts';
import type { Lab } from './lab.ts';
import { LabError } from './lab-error.ts';
import { withLock } from './lock.ts';
import { hostStateDir } from './paths.ts';

/** A /24 for one lab's bridge. */
export interface Subnet {
  /** 1 to 254, the third number of its addresses. */
  readonly index: number;
  /** For example `172.30.7`; a host's address is this and a fourth number. */
  readonly prefix: string;
  readonly cidr: string;
  /** The bridge's own address. */
  readonly gateway: string;
}

/** Below the kernel's range for outgoing connections (32768 and up), which would otherwise take them by chance. */
const firstPort = 21_000;
const lastPort = 29_999;

/** Claims a free TCP port of this host for a lab; no other lab gets it while this one lives (ER-12). */
export function claimPort(lab: Lab): Promise<number> {
  return withLock('claims', async () => {
    const offset = Math.floor(Math.random() * (lastPort - firstPort));
    for (let step = 0; step <= lastPort - firstPort; step += 1) {
      const port = firstPort + ((offset + step) % (lastPort - firstPort + 1));
      if (!isClaimed(`port-${port}`) && (await canListen(port))) {
        claim(lab, `port-${port}`);
        return port;
      }
    }
    throw new LabError(`no free port between ${firstPort} and ${lastPort}`);
  });
}

/** Claims a /24 of 172.30.0.0/16 that no other lab and no interface of this host uses. */
export function claimSubnet(lab: Lab): Promise<Subnet> {
  return withLock('claims', () => {
    const links = readdirSync('/sys/class/net');
    const inUse = Object.values(networkInterfaces()).flatMap((list) => (list ?? []).map(({ address }) => address));
    for (let index = 1; index < 255; index += 1) {
      const prefix = `172.30.${index}`;
      if (isClaimed(`subnet-${prefix}`) || inUse.some((address) => address.startsWith(`${prefix}.`))) continue;
      // The kernel removes the links of ended machines a moment after the machines.
      if (links.some((link) => link.includes(`k0slab${index}-`))) continue;
      claim(lab, `subnet-${prefix}`);
      return { index, prefix, cidr: `${prefix}.0/24`, gateway: `${prefix}.1` };
    }
    throw new LabError('no free subnet in 172.30.0.0/16: other labs hold all of them');
  });
}

/** Gives a claim back, if it is still this lab's. */
export async function releaseClaim(labDir: string, name: string): Promise<void> {
  await withLock('claims', () => {
    if (holderOf(name) === labDir) rmSync(claimPath(name), { force: true });
  });
}

function claim(lab: Lab, name: string): void {
  record(lab.dir, { kind: 'claim', name });
  mkdirSync(claimsDir(), { recursive: true });
  writeFileSync(claimPath(name), lab.dir);
}

/** A claim whose lab is gone counts for nothing. */
function isClaimed(name: string): boolean {
  const holder = holderOf(name);
  return holder !== undefined && existsSync(holder);
}

function holderOf(name: string): string | undefined {
  try {
    return readFileSync(claimPath(name), 'utf8');
  } catch {
    return undefined;
  }
}

const claimsDir = (): string => join(hostStateDir(), 'claims');
const claimPath = (name: string): string => join(claimsDir(), name);

function canListen(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once('error', () => resolve(false));
    probe.listen(port, '0.0.0.0', () => probe.close(() => resolve(true)));
  });
}
