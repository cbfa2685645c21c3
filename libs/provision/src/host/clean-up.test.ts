import { execFileSync } from 'node:child_process';
import { describe, expect, it } from '@jest/globals';
import { parseLeftovers, renderCleanUp } from './clean-up.ts';
import { factsCommand, parseFacts } from './facts.ts';

const text = (input: Parameters<typeof renderCleanUp>[0]): string => renderCleanUp(input).plan.commands.join('\n');

describe('renderCleanUp', () => {
  it('resets with the folders that the installation used', () => {
    const commands = text({
      role: 'worker',
      files: ['/etc/k0s.token'],
      kubeletRootDir: '/data/kubelet',
      dataDir: '/data/k0s',
    });
    expect(commands).toContain('"$k0s" reset --data-dir /data/k0s --kubelet-root-dir /data/kubelet');
    expect(commands).toContain('systemctl stop k0sworker');
    expect(commands).toContain('rm -f -- /etc/k0s.token');
    expect(commands).not.toContain('rm -f -- /etc/k0s.token /usr/local/bin/k0s');
  });

  it('bounds the stop and then kills, at once where nothing is worth waiting for', () => {
    const bounded = text({ role: 'controller', files: [] });
    expect(bounded).toMatch(/timeout 3 systemctl stop k0scontroller && exit 0\s+systemctl kill -s KILL k0scontroller/);
    const hurried = text({ role: 'controller', files: [], graceSeconds: 0 });
    expect(hurried).toMatch(/systemctl stop --no-block k0scontroller\s+systemctl kill -s KILL k0scontroller/);
  });

  it("lets the user's commands replace ours, but not keep our files", () => {
    const commands = text({ role: 'controller', files: ['/etc/k0s.token'], custom: ['exit 1', 'true'] });
    expect(commands).not.toContain('reset');
    expect(commands).toContain('rm -f -- /etc/k0s.token');
  });

  it.each(['/', '/var', '/var/lib', '/var/lib/', '/usr/bin', 'relative', '/data/../etc'])(
    'refuses to delete %s',
    (dataDir) => {
      expect(() => renderCleanUp({ role: 'worker', files: [], dataDir })).toThrow(/must not be deleted/);
    },
  );

  it.each(['dash', 'bash'])('is valid for %s', (shell) => {
    const { plan, verify } = renderCleanUp({
      role: 'controller',
      files: ["/a 'b"],
      removeK0s: true,
      stateDir: '/var/lib/k0smotron/u',
    });
    for (const script of [...plan.commands, verify, factsCommand])
      execFileSync(shell, ['-n'], { input: String(script) });
  });
});

describe('verify', () => {
  it('lists what is left and nothing else', () => {
    const { verify } = renderCleanUp({ role: 'none', files: ['/etc/passwd', '/no/such/file', '/proc/self/ns'] });
    expect(parseLeftovers(execFileSync('sh', ['-c', verify], { encoding: 'utf8' }))).toEqual([
      { kind: 'path', what: '/etc/passwd' },
      { kind: 'path', what: '/proc/self/ns' },
    ]);
  });

  it('finds processes that run from a folder', () => {
    const dataDir = process.execPath.split('/').slice(0, -1).join('/');
    const { verify } = renderCleanUp({ role: 'worker', files: [], dataDir });
    const found = parseLeftovers(execFileSync('sh', ['-c', verify], { encoding: 'utf8' }));
    expect(found).toContainEqual({ kind: 'process', what: `${process.pid} ${process.execPath}` });
  });
});

describe('facts', () => {
  it('are read from this machine', () => {
    const facts = parseFacts(execFileSync('sh', ['-c', factsCommand], { encoding: 'utf8' }), Date.now());
    expect(facts.arch).toMatch(/^(amd64|arm64)$/);
    expect(facts.cpus).toBeGreaterThan(0);
    expect(facts.memoryBytes).toBeGreaterThan(2 ** 28);
    expect(facts.diskFreeBytes).toBeGreaterThan(0);
    expect(Math.abs(facts.clockAheadMs)).toBeLessThan(3_000);
  });

  it('say when there were none', () => expect(() => parseFacts('sh: not found', 0)).toThrow(/no facts/));
});
