import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { connectSsh } from '../src/index.ts';
import { hostSessionContract, sshdBinary, startSshd, type Sshd } from '../testing/index.ts';

const binary = sshdBinary();

if (binary === undefined) {
  describe('OpenSSH', () => {
    it.skip('is not on this machine: install openssh-server', () => undefined);
  });
} else {
  hostSessionContract('OpenSSH', () => startSshd(binary));

  describe('OpenSSH with several host keys', () => {
    let sshd: Sshd;
    beforeAll(async () => {
      sshd = await startSshd(binary);
    });
    afterAll(() => sshd.stop());

    it.each([0, 1, 2])('accepts a pin of its key %i', async (index) => {
      const pin = sshd.hostKeys[index]?.fingerprint ?? '';
      const session = await connectSsh({ ...target(sshd), hostKeySha256: pin });
      expect(session.hostKey).toBe(pin);
      session.close();
    });

    it('streams 400 MB of output without keeping it', async () => {
      const session = await connectSsh(target(sshd));
      const before = process.memoryUsage().rss;
      const { code, stdout } = await session.run('head -c 400000000 /dev/zero; echo; echo end', {
        maxOutputBytes: 10_000,
      });
      expect(code).toBe(0);
      expect(stdout.endsWith('\nend\n')).toBe(true);
      expect(process.memoryUsage().rss - before).toBeLessThan(250_000_000);
      session.close();
    });
  });
}

const target = ({ host, port, user, privateKey }: Sshd) => ({ host, port, user, privateKey });
