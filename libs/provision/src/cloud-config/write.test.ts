import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { BootstrapPlan } from '../plan.ts';
import { parseCloudConfig } from './parse.ts';
import { toCloudConfig } from './write.ts';

const same = (plan: BootstrapPlan) => ({
  earlyCommands: plan.earlyCommands ?? [],
  commands: plan.commands,
  files: plan.files.map(({ content, ...file }) => ({
    ...file,
    content: Buffer.from(content as string).toString('hex'),
  })),
});

describe('toCloudConfig', () => {
  it('begins as the original does', () => {
    const text = toCloudConfig({
      files: [{ path: '/a', content: 'x\ny\n', permissions: '0644' }],
      commands: ['yes', ['a', '0644']],
    });
    expect(text).toBe(`## template: jinja
#cloud-config
write_files:
  - path: /a
    content: |
      x
      y
    permissions: '0644'
runcmd:
  - 'yes'
  - - a
    - '0644'
`);
  });

  it('appends user data behind a header of its own', () => {
    const text = toCloudConfig({ files: [], commands: ['a'], customUserData: 'runcmd: [b]\n' });
    expect(parseCloudConfig(text).commands).toEqual(['a', 'b']);
  });

  it('keeps marks of other template languages from cloud-init, and its own working', () => {
    const helm = 'image: {{ .Values.image }}\ncount: ${#list[@]}\n';
    expect(toCloudConfig({ files: [{ path: '/a', content: helm }], commands: [] })).not.toContain('template: jinja');
    const both = toCloudConfig({ files: [{ path: '/a', content: helm }], commands: ['echo {{ v1.local_hostname }}'] });
    expect(both).toContain('## template: jinja');
    const plan = parseCloudConfig(both, { v1: { local_hostname: 'n1' } });
    expect(plan.files[0]?.content).toBe(helm);
    expect(plan.commands).toEqual(['echo n1']);
  });

  it('is read back as it was, whatever the content', () => {
    const word = fc.oneof(
      fc.string(),
      fc.string({ unit: 'grapheme' }),
      fc.constantFrom('yes', '0644', '1:30', '{{ .x }}', 'a\r\n b', '~', '- x', '#!'),
    );
    const text = word.filter((it) => !/\{\{|\{%|\{#/.test(it));
    const file = fc.record(
      {
        path: fc.constantFrom('/a', '/etc/b c', "/etc/it's"),
        content: fc.oneof(text, fc.uint8Array({ maxLength: 40 })),
        permissions: fc.constantFrom('0600', '0755'),
        owner: fc.constantFrom('root:root', 'www'),
        append: fc.constant(true),
      },
      { requiredKeys: ['path', 'content'] },
    );
    const command = fc.oneof(text, fc.array(text, { minLength: 1, maxLength: 3 }));
    fc.assert(
      fc.property(fc.array(file, { maxLength: 3 }), fc.array(command, { maxLength: 4 }), (files, commands) => {
        const plan = { files, commands } as BootstrapPlan;
        expect(same(parseCloudConfig(toCloudConfig(plan)))).toEqual(same(plan));
      }),
    );
  });
});
