import { createServer, type Server } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { compileFunction } from 'node:vm';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { build } from 'esbuild';
import type * as undici from 'undici';
import { smallUndici } from './small-undici.ts';

type Small = Pick<typeof undici, 'Agent' | 'ProxyAgent'>;

/** The bundled text as a module. */
async function load(): Promise<Small> {
  const { outputFiles } = await build({
    stdin: { contents: "export { Agent, ProxyAgent } from 'undici';", resolveDir: import.meta.dirname },
    bundle: true,
    write: false,
    platform: 'node',
    format: 'cjs',
    plugins: [smallUndici],
  });
  const module = { exports: {} };
  const run = compileFunction(outputFiles[0]?.text ?? '', ['require', 'module']) as (...args: unknown[]) => void;
  run(createRequire(import.meta.url), module);
  return module.exports as Small;
}

let server: Server;
let origin: string;
beforeAll(async () => {
  server = createServer(({ url }, response) => void response.end(JSON.stringify({ url })));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => {
  server.close();
});

describe('the part of undici that goes into bundles', () => {
  it('sends requests, with and without a proxy', async () => {
    const { Agent, ProxyAgent } = await load();
    const agents = [new Agent({ connections: 1, allowH2: false }), new ProxyAgent({ uri: origin })];
    for (const agent of agents) {
      const { body } = await agent.request({ origin, path: '/x', method: 'GET' });
      expect(await body.json()).toEqual({ url: agent === agents[0] ? '/x' : `${origin}/x` });
      await agent.destroy();
    }
  });
});
