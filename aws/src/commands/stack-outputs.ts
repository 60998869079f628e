import { z } from 'zod';

const byName = z.string().transform((text, context): Readonly<Record<string, string>> => {
  try {
    return z.record(z.string(), z.string()).parse(JSON.parse(text));
  } catch {
    context.addIssue({ code: 'custom', message: 'is no JSON of texts by name' });
    return z.NEVER;
  }
});

const schema = z.object({
  ProxyAddress: z.string(),
  EgressAddress: z.string().optional(),
  DatabaseEndpoint: z.string(),
  DatabaseName: z.string(),
  LandingBucket: z.string(),
  MigrateFunction: z.string(),
  ReleaseFunction: z.string(),
  IngestFunctions: byName,
  DigestFunctions: byName,
  AlarmTopic: z.string(),
  UserSecrets: byName,
  SecretNames: byName,
  UploadQueues: byName.optional(),
});

/** What a stack says of itself when it is there. */
export type StackOutputs = z.infer<typeof schema>;

/** Undefined where any is missing: the stack is half made, or none of ours. */
export function readOutputs(outputs: Readonly<Record<string, string>>): StackOutputs | undefined {
  return schema.safeParse(outputs).data;
}

/** Every function by the job it does: sources, digests, `release`, `migrate`. */
export function functionsByJob(outputs: StackOutputs): ReadonlyMap<string, string> {
  return new Map([
    ...Object.entries(outputs.IngestFunctions),
    ['release', outputs.ReleaseFunction],
    ...Object.entries(outputs.DigestFunctions),
    ['migrate', outputs.MigrateFunction],
  ]);
}
