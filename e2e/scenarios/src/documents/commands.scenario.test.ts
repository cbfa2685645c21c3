import { describe, expect, it } from '@jest/globals';
import { blocksOf } from './blocks.ts';
import { commandLines, verdictOn } from './commands.ts';

const document = `Text
\`\`\`sh
npm run lab -- up   # starts it
kubectl get \\
  nodes

npm test
\`\`\`
\`\`\`yaml
kind: Secret
\`\`\`
`;
const line = (text: string) => ({ place: 'a.md:1', text });

describe('the blocks of a document', () => {
  it('are found with language and line', () => {
    expect(blocksOf('a.md', document).map(({ language, line: at }) => [language, at])).toEqual([
      ['sh', 3],
      ['yaml', 10],
    ]);
    expect(() => blocksOf('a.md', '```sh\nfoo\n')).toThrow('a.md:2: a fence is not closed');
  });

  it('are read as command lines without comments', () => {
    const [shell] = blocksOf('a.md', document);
    expect(shell && commandLines(shell)).toEqual([
      { place: 'a.md:3', text: 'npm run lab -- up' },
      { place: 'a.md:4', text: 'kubectl get nodes' },
      { place: 'a.md:7', text: 'npm test' },
    ]);
  });

  it.each([
    'kubectl get nodes',
    'export KUBECONFIG=$(npm run -s lab -- kubeconfig --name demo)',
    'export PATH="$(npm run -s lab -- path):$PATH"',
    "kubectl get secret a -o jsonpath='{.data.value}' | base64 -d > /tmp/a",
  ])('hold what the test runs: %s', (text) => {
    expect(verdictOn(line(text))).toEqual({ kind: 'run' });
  });

  it('hold what another suite runs, and its name', () => {
    expect(verdictOn(line('npm test'))).toMatchObject({ kind: 'elsewhere' });
  });

  it.each(['helm install it', 'kubectl get nodes | tee x', 'export A=$(curl there)', 'npm run nonsense'])(
    'fail with what nobody runs: %s',
    (text) => {
      expect(() => verdictOn(line(text))).toThrow(/^a\.md:1: nobody runs/);
    },
  );
});
