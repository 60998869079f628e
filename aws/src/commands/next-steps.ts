import type { Plan, SecretPlan } from '../plan/plan.ts';
import type { StackOutputs } from './stack-outputs.ts';

/** What is left for a person to do, with the command that does it where there is one. */
export interface NextStep {
  readonly text: string;
  readonly command?: string;
}

interface NextOptions {
  readonly plan: Plan;
  readonly outputs: StackOutputs;
  /** Secrets without a value. */
  readonly missing: readonly SecretPlan[];
}

/** In the order in which they are needed. What has been done already does no harm. */
export function nextSteps({ plan, outputs, missing }: NextOptions): readonly NextStep[] {
  const { region, alarms, proxy } = plan;
  const hasDigest = plan.functions.some(({ kind }) => kind === 'digest');
  const firstSource = plan.functions.find(({ kind }) => kind === 'ingest');
  return [
    ...missing.map(({ name, secretName, usedBy }) => ({
      text: `Fill in ${name} for ${usedBy.join(', ')}; the value is read from standard input, so that no shell keeps it:`,
      command: `aws secretsmanager put-secret-value --region ${region} --secret-id ${secretName} --secret-string file:///dev/stdin`,
    })),
    ...(alarms.mail.length === 0
      ? []
      : [
          {
            text: `Confirm the mail that AWS sent to ${alarms.mail.join(', ')}: no alarm arrives before.`,
          },
        ]),
    ...(proxy.domain === undefined
      ? []
      : [
          {
            text: `Let ${proxy.domain} lead to ${outputs.ProxyAddress} (an A record in your DNS).`,
          },
        ]),
    ...(plan.access.allow.length === 0
      ? [
          {
            text: 'Nobody gets in yet: write the addresses of your office into `access.allow` in plumbline.config.ts and deploy again.',
          },
        ]
      : []),
    ...(hasDigest
      ? [
          {
            text: "Verify the digests' sender in SES, and have the account let out of its sandbox (docs/aws.md):",
            command: `aws sesv2 create-email-identity --region ${region} --email-identity SENDER`,
          },
        ]
      : []),
    ...foreignUploads(plan, outputs),
    ...(firstSource === undefined
      ? []
      : [
          {
            text: `Schedules run by themselves from now on. To load ${firstSource.job} at once:`,
            command: `aws lambda invoke --region ${region} --function-name ${outputs.IngestFunctions[firstSource.job] ?? ''} --invocation-type Event --cli-binary-format raw-in-base64-out --payload '{"kind":"run","job":"${firstSource.job}"}' /dev/stdout`,
          },
        ]),
    { text: 'Look at it:', command: 'plumbline status --aws' },
  ];
}

/** A bucket that the stack did not make is told by its owner whom to tell: the stack changes nothing of it. */
function foreignUploads({ uploads }: Plan, outputs: StackOutputs): readonly NextStep[] {
  return uploads.flatMap(({ source, bucket, prefix, suffix }) => {
    const queue = outputs.UploadQueues?.[source];
    if (bucket === undefined || queue === undefined) return [];
    return [
      {
        text: `Let the bucket ${bucket} say when files for sources/${source}.ts are put into it: in its properties, "Event notifications", all object create events with the prefix '${prefix}' and the suffix '${suffix}', to the queue ${queue}. It must be of this account and region.`,
      },
    ];
  });
}
