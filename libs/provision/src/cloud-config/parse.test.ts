import { gzipSync } from 'node:zlib';
import { describe, expect, it } from '@jest/globals';
import { TerminalError } from '@k0smotron/core';
import { parseCloudConfig } from './parse.ts';

describe('parseCloudConfig', () => {
  it('reads what the original writes', () => {
    const plan = parseCloudConfig(`## template: jinja
#cloud-config
write_files:
  - path: /etc/k0s.token
    content: "abc"
    permissions: "0600"
runcmd:
  - curl -sSfL https://get.k0s.sh | K0S_VERSION=v1.34.4+k0s.0 sh
  - (command -v systemctl > /dev/null 2>&1 && systemctl start k0sworker)
`);
    expect(plan).toEqual({
      files: [{ path: '/etc/k0s.token', content: 'abc', permissions: '0600' }],
      commands: [
        'curl -sSfL https://get.k0s.sh | K0S_VERSION=v1.34.4+k0s.0 sh',
        '(command -v systemctl > /dev/null 2>&1 && systemctl start k0sworker)',
      ],
      earlyCommands: [],
    });
  });

  it('keeps lists as words and reads numbers as cloud-init does', () => {
    const { commands } = parseCloudConfig(`#cloud-config
runcmd:
  - [echo, "a b", 'it''s', 5, null]
  - true
`);
    expect(commands).toEqual([['echo', 'a b', "it's", '5', ''], 'true']);
  });

  it('reads owner, append, defer, numeric modes and every encoding', () => {
    const gz = gzipSync('zipped').toString('base64');
    const { files } = parseCloudConfig(`#cloud-config
write_files:
  - {path: /late, content: x, defer: true}
  - {path: /a, content: aGVsbG8=, encoding: b64, owner: "www:www", permissions: 0640}
  - {path: /b, content: ${gz}, encoding: gz+b64, append: yes}
  - path: /c
    encoding: gzip
    content: !!binary ${gz}
  - path: /d
    permissions: '0o600'
`);
    expect(files.map(({ path }) => path)).toEqual(['/a', '/b', '/c', '/d', '/late']);
    expect(files[0]).toMatchObject({ content: Buffer.from('hello'), owner: 'www:www', permissions: '0640' });
    expect(files[1]).toMatchObject({ content: Buffer.from('zipped'), append: true });
    expect(files[2]).toMatchObject({ content: Buffer.from('zipped') });
    expect(files[3]).toEqual({ path: '/d', content: '', permissions: '0600' });
  });

  it('joins several documents in order', () => {
    const { files, commands } = parseCloudConfig(`#cloud-config
write_files: [{path: /a, content: "1"}]
runcmd: [one]

#cloud-config
write_files: [{path: /b, content: "2"}]
runcmd: [two]
`);
    expect(files.map(({ path }) => path)).toEqual(['/a', '/b']);
    expect(commands).toEqual(['one', 'two']);
  });

  it('does not split inside a file that holds cloud-config itself', () => {
    const { files } = parseCloudConfig(
      '#cloud-config\nwrite_files:\n- path: /a\n  content: |\n    #cloud-config\n    x: 1\n',
    );
    expect(files[0]?.content).toBe('#cloud-config\nx: 1\n');
  });

  it('runs a script as cloud-init would', () => {
    const plan = parseCloudConfig('#!/bin/bash\necho hi\n');
    expect(plan.files[0]).toMatchObject({ content: '#!/bin/bash\necho hi\n', permissions: '0700' });
    expect(plan.commands).toEqual([[plan.files[0]?.path]]);
  });

  it('fills in cloud-init variables only under the jinja header', () => {
    const body = '#cloud-config\nruncmd: ["echo {{ ds.meta_data.instance_id }}"]\n';
    const variables = { ds: { meta_data: { instance_id: 'uid-1' } } };
    expect(parseCloudConfig(`## template: jinja\n${body}`, variables).commands).toEqual(['echo uid-1']);
    expect(parseCloudConfig(body, variables).commands).toEqual(['echo {{ ds.meta_data.instance_id }}']);
  });

  it.each([
    ['#cloud-config\nusers: []\nntp: {}\nruncmd: [a]\n', 'cloud-config ntp, users cannot be executed'],
    ['#cloud-config\nruncmd: [{a: 1}]\n', 'runcmd[0]'],
    ['#cloud-config\nwrite_files: [{path: /a, content: {b: 1}}]\n', 'list or mapping'],
    ['#cloud-config\nwrite_files: [{content: x}]\n', 'write_files[0]'],
    ['#cloud-config\nwrite_files: [{path: /a, permissions: "rw"}]\n', 'octal'],
    ['#cloud-config\nwrite_files: [{path: /a, encoding: rot13}]\n', 'rot13'],
    ['#cloud-config\nwrite_files: [{path: /a, encoding: gz, content: no}]\n', 'gzip'],
    ['#cloud-config\nwrite_files: [{path: /a, source: {uri: "http://x"}}]\n', 'source'],
    ['Content-Type: multipart/mixed; boundary="x"\n\n--x\n', 'multi-part'],
    ['', 'no cloud-config'],
    ['## template: jinja\n#cloud-config\n{% for a in b %}\nruncmd: []\n', '{% for %}'],
    ['## template: jinja\n#cloud-config\nruncmd: ["{{ v1.region }}"]\n', 'v1.region'],
  ])('refuses %j and names it', (text, named) => {
    expect(() => parseCloudConfig(text)).toThrow(TerminalError);
    expect(() => parseCloudConfig(text)).toThrow(named);
  });

  it('does not repeat the data in an error', () => {
    const broken = '#cloud-config\nruncmd:\n  - token-s3cr3t: [\n';
    expect(() => parseCloudConfig(broken)).toThrow(/is not YAML \(.*line \d+\)/);
    expect(() => parseCloudConfig(broken)).not.toThrow(/s3cr3t/);
  });
});
