import { describe, expect, it } from '@jest/globals';
import { renderJinja } from './jinja.ts';

const variables = { v1: { local_hostname: 'node-1', 'dashed-name': 'd' }, answer: 42 };

describe('renderJinja', () => {
  it.each([
    ['{{ v1.local_hostname }}', 'node-1'],
    ["{{v1['dashed-name']}}", 'd'],
    ['{{ answer }}', '42'],
    ["{{ v1.nothing | default('x') }}", 'x'],
    ["{{ '{{' }} .Values.x }}", '{{ .Values.x }}'],
    ['a{# note #}b', 'ab'],
    ['{% raw %}{{ v1.local_hostname }}{% endraw %}', '{{ v1.local_hostname }}'],
    ["{% set name = 'n' %}\n{{ name }}", 'n'],
    ["{% set files = [{'path': 'a'}] %}x", 'x'],
    [
      '{{ .Values.image }} {{ $labels.job }} {{- include "x" . }} {{ other }}',
      '{{ .Values.image }} {{ $labels.job }} {{- include "x" . }} {{ other }}',
    ],
    ['n=${#name}; m=${name#x}', 'n=${#name}; m=${name#x}'],
    ['{{ open', '{{ open'],
  ])('renders %j', (text, rendered) => expect(renderJinja(text, variables)).toBe(rendered));

  it.each(['{% if a %}', '{{ v1.local_hostname | upper }}', '{{ ds.nothing }}'])('refuses %j', (text) => {
    expect(() => renderJinja(text, variables)).toThrow(/not supported|does not have/);
  });
});
