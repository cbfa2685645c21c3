import { describe, expect, it, jest } from '@jest/globals';
import type { KubeObject } from '@k0smotron/core';
import { Definitions } from './definitions.ts';

const widgets = { plural: 'widgets', group: 'toys.test' };
const crd = (name: string): KubeObject => ({ metadata: { name } }) as KubeObject;

describe('Definitions', () => {
  it('tell of a kind by the name of its definition', () => {
    const definitions = new Definitions();
    const listener = jest.fn();
    const stop = definitions.onChange(widgets, listener);
    definitions.put(crd('gadgets.toys.test'));
    expect(listener).toHaveBeenCalledTimes(0);
    definitions.put(crd('widgets.toys.test'));
    expect(listener).toHaveBeenCalledTimes(1);
    stop();
    definitions.put(crd('widgets.toys.test'));
    expect(listener).toHaveBeenCalledTimes(1);
  });

  it('tell all after a list, which may hide what happened before it', () => {
    const definitions = new Definitions();
    const listener = jest.fn();
    definitions.onChange(widgets, listener);
    definitions.replace();
    expect(listener).toHaveBeenCalledTimes(1);
  });
});
