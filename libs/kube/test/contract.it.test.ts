import { describeKubeClient } from '../testing/index.ts';
import { installWidgets, makeNamespace, startApiServer } from './api-server.ts';

describeKubeClient('The client of a real API server', async () => {
  const server = await startApiServer();
  await installWidgets(server);
  const namespace = await makeNamespace(server, 'contract');
  return { client: server.client, namespace, close: () => server.close() };
});
