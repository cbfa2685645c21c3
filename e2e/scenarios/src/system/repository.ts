import { fileURLToPath } from 'node:url';

/** Root of the checkout. */
export const repository = fileURLToPath(new URL('../../../..', import.meta.url)).replace(/\/$/, '');

/** The packages of the services: CRDs, permissions, webhooks. */
export const providersDir = `${repository}/deploy/providers`;

/** The bundle of a service. */
export const bundleOf = (service: string): string => `${repository}/apps/${service}/dist/${service}.cjs`;
