import { beforeAll, describe, expect, test } from 'vitest';

import { securitySummary } from '../../src/stack/security-summary.ts';
import type { SummaryLine } from '../../src/stack/security-summary.ts';
import type { Template } from '../../src/stack/template.ts';
import { smallPlan } from '../helpers/sample-plan.ts';
import { synthesized } from '../helpers/synthesized.ts';
import { withProperty } from '../helpers/template.ts';

const plan = smallPlan({
  optOuts: [{ setting: 'proxy.certificate', value: "'self-signed'", reason: 'only a trial' }],
});
let template: Template;
beforeAll(async () => {
  ({ template } = await synthesized(plan));
});

const lines = (of: Template, topic: SummaryLine['topic']): readonly string[] =>
  securitySummary(of, plan)
    .filter((line) => line.topic === topic)
    .map(({ subject, text }) => `${subject} ${text}`);

describe('the summary says', () => {
  test('who gets in', () => {
    expect(lines(template, 'in')).toEqual([
      'office 203.0.113.0/24 reaches the dashboards (443) and Postgres (5432)',
      'Ana at home 198.51.100.7/32 reaches the dashboards (443) and Postgres (5432)',
    ]);
    const nobody = withProperty(template, ['ProxySecurityGroup', 'SecurityGroupIngress'], []);
    expect(lines(nobody, 'in')).toEqual([
      'nobody is let in: the allow-list is empty, so neither dashboards nor BI tools are reached',
    ]);
  });

  test('who reaches whom', () => {
    expect(lines(template, 'network')).toEqual([
      'database hears functions on 5432',
      'database hears proxy on 5432',
      'functions may call outside on 443, 465, 587',
      'database may call nobody outside',
      'proxy may call outside on 443',
      'nat may call outside on 443, 465, 587',
      'database has no public address',
    ]);
  });

  test('what every role may do', () => {
    expect(lines(template, 'role')).toMatchInlineSnapshot(`
      [
        "every function may write its own log",
        "every function is put into the network by Lambda",
        "every function may put what failed into FailedEvents",
        "CDK's function, once may change the default security group, to empty it once",
        "CDK's function, once has AWS's policy AWSLambdaBasicExecutionRole",
        "flow log may write its own log",
        "NAT instance is reached by Session Manager",
        "ingest-payments may log into the database as plumbline_loader",
        "ingest-payments may read the landing bucket/payments/*, the landing bucket/landing/*",
        "ingest-payments may list payments/*, landing/* in the landing bucket",
        "ingest-payments may write the landing bucket/landing/*",
        "ingest-payments may start plumbline-acme-ingest-payments, plumbline-acme-release",
        "ingest-payments may take uploads from UploadsIngestPayments",
        "ingest-activity may read the secret plumbline-acme/ACTIVITY_TOKEN",
        "ingest-activity may log into the database as plumbline_loader",
        "ingest-activity may read the landing bucket/landing/*",
        "ingest-activity may list landing/* in the landing bucket",
        "ingest-activity may write the landing bucket/landing/*",
        "ingest-activity may start plumbline-acme-ingest-activity, plumbline-acme-release",
        "ingest-partner-orders may log into the database as plumbline_loader",
        "ingest-partner-orders may read the bucket partner-exports/orders/*",
        "ingest-partner-orders may list orders/* in the bucket partner-exports",
        "ingest-partner-orders may read the landing bucket/landing/*",
        "ingest-partner-orders may list landing/* in the landing bucket",
        "ingest-partner-orders may write the landing bucket/landing/*",
        "ingest-partner-orders may start plumbline-acme-ingest-partner-orders, plumbline-acme-release",
        "ingest-tax may log into the database as plumbline_loader",
        "ingest-tax may read the landing bucket/tax/*, the landing bucket/landing/*",
        "ingest-tax may list tax/*, landing/* in the landing bucket",
        "ingest-tax may write the landing bucket/landing/*",
        "ingest-tax may start plumbline-acme-ingest-tax, plumbline-acme-release",
        "ingest-tax may take uploads from UploadsIngestTax",
        "release may log into the database as plumbline_owner",
        "digest-morning-costs may read the secret plumbline-acme/SMTP_URL",
        "digest-morning-costs may log into the database as plumbline_reader, plumbline_loader",
        "migrate may read the secret of the master user, plumbline-acme/user/tableau, plumbline-acme/user/analyst",
        "migrate may log into the database as plumbline_owner",
        "scheduler may start plumbline-acme-ingest-payments, plumbline-acme-ingest-activity, plumbline-acme-ingest-tax, plumbline-acme-digest-morning-costs",
        "scheduler may put what failed into FailedEvents",
        "proxy is reached by Session Manager",
        "proxy may log into the database as plumbline_reader",
        "proxy may read the code of the dashboards",
        "proxy may write the TXT record _acme-challenge.numbers.example.com of zone Z0123456789ABC",
        "proxy may look for its zone, and whether a record is known yet",
      ]
    `);
  });

  test('who reads what, what is to be filled in, and what was given up', () => {
    expect(lines(template, 'user')).toEqual([
      'tableau reads marts through the proxy, by a password in Secrets Manager, 5 connections at most',
      'analyst reads marts, clean through the proxy, by a password in Secrets Manager, 3 connections at most',
    ]);
    expect(lines(template, 'secret')).toEqual([
      'ACTIVITY_TOKEN is to be filled in as plumbline-acme/ACTIVITY_TOKEN, for sources/activity.ts',
      'SMTP_URL is to be filled in as plumbline-acme/SMTP_URL, for digests/morning-costs.ts',
    ]);
    expect(lines(template, 'opt-out')).toEqual([
      "proxy.certificate is 'self-signed': only a trial",
    ]);
  });

  test('is plain data', () => {
    const summary = securitySummary(template, plan);
    expect(JSON.parse(JSON.stringify(summary))).toEqual(summary);
  });
});

describe('the summary never says less than is allowed', () => {
  const first = ['RoleRelease', 'Policies', 1, 'PolicyDocument', 'Statement', 0] as const;

  test('of a permission that has more actions than its words', () => {
    const more = withProperty(template, [...first], {
      Effect: 'Allow',
      Action: ['s3:GetObject', 's3:DeleteObject'],
      Resource: { 'Fn::GetAtt': ['Landing', 'Arn'] },
    });
    expect(lines(more, 'role')).toContain(
      'release may s3:GetObject, s3:DeleteObject on the landing bucket',
    );
  });

  test('of a log that is not its own', () => {
    const all = withProperty(template, [...first, 'Resource'], ['*']);
    expect(lines(all, 'role')).toContain(
      'release may logs:CreateLogStream, logs:PutLogEvents on *',
    );
  });

  test("of AWS's own policies, which may grow", () => {
    const arn = 'arn:aws:iam::aws:policy/AdministratorAccess';
    const grown = withProperty(template, ['RoleRelease', 'ManagedPolicyArns'], [arn]);
    expect(lines(grown, 'role')).toContain("release has AWS's policy AdministratorAccess");
  });

  test('of a database that is public', () => {
    const open = withProperty(template, ['DatabaseInstance', 'PubliclyAccessible'], true);
    expect(lines(open, 'network')).toContain('database HAS A PUBLIC ADDRESS');
  });
});
