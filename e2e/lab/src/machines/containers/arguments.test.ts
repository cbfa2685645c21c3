import { describe, expect, it } from '@jest/globals';

import { createArguments, networkArguments } from './arguments.ts';

const network = {
  kind: 'containers',
  bridge: 'k0slab7',
  prefix: '172.30.7',
  cidr: '172.30.7.0/24',
  gateway: '172.30.7.1',
} as const;
const label = 'k0smotron-lab=/labs/one';

/** The value behind an option. */
const after = (args: readonly string[], option: string): string | undefined => args[args.indexOf(option) + 1];

describe('arguments of docker', () => {
  it('make a network that is known by its label and has the bridge that the lab claimed', () => {
    const args = networkArguments(network, label);
    expect(args).toContain('com.docker.network.bridge.name=k0slab7');
    expect(after(args, '--label')).toBe(label);
    expect(after(args, '--subnet')).toBe('172.30.7.0/24');
    expect(after(args, '--gateway')).toBe('172.30.7.1');
    expect(args.at(-1)).toBe('k0slab7');
  });

  it('make a machine with its name, its address and its label', () => {
    const spec = { name: 'worker-3', index: 3, layers: [] };
    const args = createArguments({ spec, network, image: 'root:1', label, modules: false });
    expect(after(args, '--name')).toBe('k0slab7-3');
    expect(after(args, '--hostname')).toBe('worker-3');
    expect(after(args, '--ip')).toBe('172.30.7.13');
    expect(after(args, '--label')).toBe(label);
    expect(args.slice(args.indexOf('root:1'), args.indexOf('root:1') + 3)).toEqual(['root:1', 'sh', '-c']);
    expect(args.join(' ')).not.toContain('/lib/modules');
    expect(createArguments({ spec, network, image: 'root:1', label, modules: true })).toContain(
      '/lib/modules:/lib/modules:ro',
    );
  });
});
