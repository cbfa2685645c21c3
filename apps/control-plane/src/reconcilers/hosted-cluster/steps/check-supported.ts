import { conditionTypes } from '@k0smotron/api';
import { done, TerminalError } from '@k0smotron/core';
import { unsupportedFields } from '@k0smotron/hosted';
import type { Step } from '@k0smotron/runtime';
import type { HostedScope } from '../scope.ts';

/** Refuses what would otherwise be left out without a word. */
export const checkSupported: Step<HostedScope> = {
  name: 'check what is supported',

  run: ({ run, plane }) => {
    const fields = unsupportedFields(plane);
    const type = conditionTypes.notSupported;
    if (fields.length === 0) {
      run.report({ type, status: 'False', reason: 'Supported', message: '' });
      return Promise.resolve(done);
    }
    const message = `Not supported yet, take it out of the Cluster: ${fields.join(', ')}`;
    run.report({ type, status: 'True', reason: 'NotSupported', message });
    return Promise.reject(new TerminalError('NotSupported', message));
  },
};
