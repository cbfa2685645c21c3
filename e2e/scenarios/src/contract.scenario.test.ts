import { describeContract } from './contract/describe-contract.ts';

/** One minute in CI, five with `--full`, as Cluster API's own framework watches. */
const quietMs = process.env['K0SMOTRON_TEST_FULL'] ? 300_000 : 60_000;

describeContract('1.13', { quietMs });
