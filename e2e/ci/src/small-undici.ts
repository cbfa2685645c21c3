import type { Plugin } from 'esbuild';

/** CommonJS, as undici is. `request` is what undici's own index puts there, among others. */
const contents = `
const Dispatcher = require('undici/lib/dispatcher/dispatcher.js');
Dispatcher.prototype.request = require('undici/lib/api/api-request.js');
module.exports = {
  Agent: require('undici/lib/dispatcher/agent.js'),
  get ProxyAgent() {
    return require('undici/lib/dispatcher/proxy-agent.js');
  },
};
`;

/**
 * Takes only what `libs/kube` uses of undici 8 into a bundle: its index loads fetch, WebSocket, caches and mocks as well, 80
 * modules and 5 MB of heap that no service touches. The test notices when undici is laid out anew.
 */
export const smallUndici: Plugin = {
  name: 'small undici',
  setup: (build) => {
    build.onResolve({ filter: /^undici$/ }, ({ resolveDir }) => ({
      path: 'undici',
      namespace: 'small-undici',
      pluginData: resolveDir,
    }));
    build.onLoad({ filter: /.*/, namespace: 'small-undici' }, ({ pluginData }) => ({
      contents,
      resolveDir: pluginData as string,
    }));
  },
};
