import { Secret } from '@k0smotron/api';
import { controllerRef, done } from '@k0smotron/core';
import { ensureOwner } from '@k0smotron/kube';
import type { Step } from '@k0smotron/runtime';
import { fieldManager } from '../../names.ts';
import { dataSecretType } from '../../data/bootstrap-data.ts';
import type { ConfigScope } from '../scope.ts';

/**
 * Gives the Secret with the data its owner back (OR-1, OR-2), so that it goes and is moved with its config. Secrets are not
 * watched (SR-18), so it is looked at once by each process, and again after each pause, in which others change such things.
 */
export const ownDataSecret: Step<ConfigScope> = {
  name: 'own data secret',

  async run({ run, config, owned }, signal) {
    const { namespace, name, uid } = config.metadata;
    if (owned.has(uid)) return done;
    const object = await run.kube.get(Secret, { namespace, name }, signal);
    if (object?.type === dataSecretType) {
      await ensureOwner(run.kube, { kind: Secret, object, owner: controllerRef(config), fieldManager }, signal);
    }
    owned.add(uid);
    return done;
  },
};
