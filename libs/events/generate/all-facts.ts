import {
  auditGapFound,
  bootstrapDataReady,
  certificateIssued,
  controlPlaneAvailable,
  controlPlaneInitialised,
  controllerAdded,
  controllerRemoved,
  joinTokenMinted,
  joinTokenRevoked,
  machineFailed,
  machineProvisioned,
  machineReleased,
  machineReserved,
  memberRemoved,
  remoteCommandRun,
  tokenMinted,
  tokenRevoked,
  type AuditGapFound,
  type BootstrapDataReady,
  type CertificateIssued,
  type ControlPlaneAvailable,
  type ControlPlaneInitialised,
  type ControllerChange,
  type FactConstructor,
  type MachineFailed,
  type MachineProvisioned,
  type MachineReleased,
  type MachineReserved,
  type MemberRemoved,
  type RemoteCommandRun,
  type Service,
  type TokenMinted,
  type TokenRevoked,
} from '../src/index.ts';
import { z } from 'zod';

/** A fact with the schema of its details. */
export interface DescribedFact {
  readonly definition: Pick<
    FactConstructor<never>['definition'],
    'service' | 'fact' | 'factClass' | 'kinds' | 'summary'
  >;
  readonly details: z.ZodType;
}

const describe = <D extends object>({ definition }: FactConstructor<D>, details: z.ZodType<D>): DescribedFact => ({
  definition,
  details,
});

const moment = (text: string): z.ZodISODateTime => z.iso.datetime().describe(`${text} RFC 3339 in UTC.`);
const namedObject = z.strictObject({ name: z.string(), uid: z.string() });
const host = namedObject.describe('The PooledRemoteMachine, in the namespace of the object.');
const tokenId = z
  .string()
  .regex(/^[a-z0-9]{6}$/)
  .describe('Public half of the bootstrap token.');
const role = z.enum(['worker', 'controller']);

/** The object that a fact is about. */
export const objectSchema = z.strictObject({
  kind: z.string(),
  namespace: z.string(),
  name: z.string(),
  uid: z.string(),
  cluster: z.string().exactOptional().describe('Name of the Cluster API cluster, where the object belongs to one.'),
});

/** Every fact there is; a test holds this list against what `src` exports. */
export const allFacts: readonly DescribedFact[] = [
  describe<MachineReserved>(machineReserved, z.strictObject({ pool: z.string().describe('Name of the pool.'), host })),
  describe<MachineProvisioned>(
    machineProvisioned,
    z.strictObject({
      address: z.string().describe('Where SSH reached the host.'),
      providerID: z.string().exactOptional(),
    }),
  ),
  describe<MachineFailed>(
    machineFailed,
    z.strictObject({
      reason: z.string().describe('Reason of the condition.'),
      since: moment('When the condition became so.'),
      step: z.string().exactOptional().describe('The step of the host journal that failed.'),
      exitCode: z.int().exactOptional().describe('Exit code of that step.'),
    }),
  ),
  describe<MachineReleased>(
    machineReleased,
    z.strictObject({
      clean: z.boolean().describe('False when something was left on the host, which is then not free.'),
      host: host.exactOptional(),
    }),
  ),
  describe<RemoteCommandRun>(
    remoteCommandRun,
    z.strictObject({
      purpose: z.enum(['bootstrap', 'clean-up']),
      address: z.string().describe('Where SSH reached the host.'),
      job: z.string().describe('The job of the host journal.'),
      exitCode: z.int().exactOptional().describe('Of the first step that failed, else 0.'),
    }),
  ),
  describe<BootstrapDataReady>(
    bootstrapDataReady,
    z.strictObject({ dataSecretName: z.string().describe('Secret with the bootstrap data, in the same namespace.') }),
  ),
  ...[tokenMinted, joinTokenMinted].map((fact) =>
    describe<TokenMinted>(fact, z.strictObject({ tokenId, role, expiresAt: moment('When the token runs out.') })),
  ),
  ...[tokenRevoked, joinTokenRevoked].map((fact) =>
    describe<TokenRevoked>(fact, z.strictObject({ tokenId, role, because: z.enum(['joined', 'expired', 'deleted']) })),
  ),
  describe<CertificateIssued>(
    certificateIssued,
    z.strictObject({
      purpose: z.string().describe('ca, etcd, proxy, sa, kubeconfig; api-client and etcd-client are of the service.'),
      fingerprint: z.string().describe('SHA-256 over the certificate, or the public key of sa, in DER; hexadecimal.'),
      expiresAt: moment('When it runs out.').exactOptional(),
      secretName: z.string().exactOptional().describe('The Secret that holds it; absent when it stays in memory.'),
    }),
  ),
  describe<MemberRemoved>(
    memberRemoved,
    z.strictObject({
      member: z.string().describe("etcd's id of the member, in hexadecimal."),
      machine: z.string().exactOptional().describe('Name of its Machine.'),
    }),
  ),
  describe<ControlPlaneInitialised>(controlPlaneInitialised, z.strictObject({ version: z.string() })),
  describe<ControlPlaneAvailable>(
    controlPlaneAvailable,
    z.strictObject({
      version: z.string(),
      availableReplicas: z.int().min(0).describe('Started voters whose API server answers.'),
      since: moment('When the condition became True.'),
    }),
  ),
  ...[controllerAdded, controllerRemoved].map((fact) =>
    describe<ControllerChange>(
      fact,
      z.strictObject({
        machine: z.string().describe('Name of the Machine that came or went.'),
        replicas: z.int().min(0).describe('Controllers after the change.'),
      }),
    ),
  ),
  ...(['infrastructure', 'bootstrap', 'control-plane'] satisfies Service[]).map((service) =>
    describe<AuditGapFound>(
      auditGapFound(service),
      z.strictObject({
        lastSequence: z.int().describe('Number of the last fact that the lost stream had.'),
        stream: z.string().describe('When the stream that is there now was made.'),
      }),
    ),
  ),
];
