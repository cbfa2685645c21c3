import type { Kind } from '@k0smotron/core';
import * as generated from '../generated/kinds.ts';
import { rulesByKind } from './rules.ts';

/** Our kinds of these API groups that have more than one version, between which `convert` knows the way. */
export const convertedKinds = (...groups: readonly string[]): readonly Kind[] =>
  (Object.values(generated) as readonly Kind[]).filter(
    ({ group, kind }) => groups.includes(group) && rulesByKind.has(`${kind}.${group}`),
  );
