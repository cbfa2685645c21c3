import { fileURLToPath } from 'node:url';

/** Root of the checkout. */
export const repository = fileURLToPath(new URL('../../../..', import.meta.url)).replace(/\/$/, '');

/** The generated CRDs. */
export const crdsDir = `${repository}/deploy/crds`;

/** The generated permissions. */
export const rbacDir = `${repository}/deploy/rbac`;

/** The bundle of a service. */
export const bundleOf = (service: string): string => `${repository}/apps/${service}/dist/${service}.cjs`;
