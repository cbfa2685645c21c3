import { execFileSync } from 'node:child_process';
import { describe, expect, it } from '@jest/globals';
import { toIgnition } from './ignition.ts';
import { toPowerShell, toPowerShellXml } from './powershell.ts';

const plan = {
  files: [
    { path: '/etc/k0s.token', content: "it's", permissions: '0600', owner: 'root:k0s' },
    { path: '/etc/log', content: new Uint8Array([0, 255]), append: true },
  ],
  commands: ['echo "a b"', ['k0s', 'start', "it's"]],
};

describe('toIgnition', () => {
  it('writes files, modes, owners and one unit', () => {
    const { ignition, storage, systemd } = JSON.parse(toIgnition(plan)) as {
      ignition: unknown;
      storage: { files: { path: string; mode: number; contents?: { source: string } }[] };
      systemd: { units: { name: string; enabled: boolean }[] };
    };
    expect(ignition).toEqual({ version: '3.4.0' });
    expect(storage.files[0]).toEqual({
      path: '/etc/k0s.token',
      mode: 0o600,
      overwrite: true,
      user: { name: 'root' },
      group: { name: 'k0s' },
      contents: { source: 'data:;base64,aXQncw==' },
    });
    expect(storage.files[1]).toEqual({ path: '/etc/log', mode: 0o644, append: [{ source: 'data:;base64,AP8=' }] });
    const script = Buffer.from(storage.files[2]?.contents?.source.split(',')[1] ?? '', 'base64').toString();
    expect(script).toContain(`echo "a b"\nk0s start 'it'\\''s'\n`);
    expect(() => execFileSync('sh', ['-n'], { input: script })).not.toThrow();
    expect(systemd.units).toEqual([expect.objectContaining({ name: 'k0s-bootstrap.service', enabled: true })]);
  });

  it('merges configs of its own version only', () => {
    expect(toIgnition(plan, { merge: ['{"ignition":{"version":"3.4.0"}}'] })).toContain('"merge"');
    expect(() => toIgnition(plan, { merge: ['{"ignition":{"version":"3.3.0"}}'] })).toThrow('3.3.0');
  });
});

describe('toPowerShell', () => {
  it('keeps bytes and quotes, with CRLF', () => {
    const text = toPowerShell({
      ...plan,
      files: [{ path: "C:\\a'b", content: 'x\n' }],
      customUserData: 'Restart-Computer',
    });
    expect(text).toContain("[IO.File]::WriteAllBytes('C:\\a''b', [Convert]::FromBase64String('eAo='))\r\n");
    expect(text).toContain("& 'k0s' 'start' 'it''s'\r\nRestart-Computer\r\n");
    expect(text.replaceAll('\r\n', '')).not.toContain('\n');
    expect(toPowerShellXml(plan)).toMatch(/^<powershell>\r\n[\s\S]*<\/powershell>\r\n$/);
  });
});
