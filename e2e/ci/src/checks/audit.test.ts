import { expect, it } from '@jest/globals';
import { readAudit } from './audit.ts';

const read = (report: object) => readAudit(JSON.stringify(report));

it('fails on a vulnerability of any severity', () => {
  const vulnerabilities = { planted: { name: 'planted', severity: 'low', range: '<1.2.3' } };
  expect(read({ auditReportVersion: 2, vulnerabilities })).toEqual({
    kind: 'vulnerable',
    findings: ['planted <1.2.3: low'],
  });
});

it('is clean when there is a report without any', () => {
  expect(read({ auditReportVersion: 2, vulnerabilities: {} })).toEqual({ kind: 'clean' });
});

it.each([
  [
    { message: '405 Method Not Allowed - POST https://registry.example/audit', statusCode: 405 },
    '405 Method Not Allowed',
  ],
  [{ error: { code: 'ENOTFOUND', summary: '' } }, 'ENOTFOUND'],
])('says that it did not run, and why: %j', (report, words) => {
  expect(read(report)).toEqual({ kind: 'not run', why: `no audit service answered (${words})` });
});

it('takes no report for no answer', () => {
  expect(readAudit('')).toEqual({ kind: 'not run', why: 'npm audit gave no report' });
});
