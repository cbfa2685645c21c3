// Before the lab is loaded, which chooses the version of core for the whole process.
process.env['K0SMOTRON_LAB_CAPI'] = '1.14';
const { describeContract } = await import('./contract/describe-contract.ts');

describeContract('1.14', { quietMs: 10_000, taints: true });
