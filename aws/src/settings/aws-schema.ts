import { suggest } from 'plumbline/runtime';
import { z } from 'zod';

import { parseCidr } from './cidr.ts';
import { reasoned } from './reasoned.ts';
import { regions } from './regions.ts';

/** A whole number of a range, with one sentence for everything else. */
function whole(min: number, max: number, what: string): z.ZodType<number> {
  const error = `expected ${what}, ${min} to ${max}`;
  return z.int({ error }).min(min, { error }).max(max, { error });
}

function share(what: string): z.ZodType<number> {
  const error = `expected ${what}, above 0 and at most 1`;
  return z.number({ error }).positive({ error }).max(1, { error });
}

function text(pattern: RegExp, expected: string): z.ZodType<string> {
  return z
    .string({ error: `expected ${expected}` })
    .regex(pattern, { error: `expected ${expected}` });
}

/** One of a list, with the nearest one for what is not in it. */
function oneOf(what: string, known: readonly string[]): z.ZodType<string> {
  return z.string({ error: `expected ${what}` }).superRefine((name, context) => {
    if (known.includes(name)) return;
    const near = suggest(name, known);
    const hint = near === undefined ? '' : `; did you mean '${near}'?`;
    context.addIssue({ code: 'custom', message: `expected ${what}${hint}` });
  });
}

/** For a group of settings that is no object; keys that are not known have their own words. */
function missing(example: string) {
  return ({ code }: { readonly code?: string | undefined }): string | undefined =>
    code === 'invalid_type' ? `expected ${example}` : undefined;
}

/** Capacity of Aurora comes in halves: https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/aurora-serverless-v2.html */
function acu(min: number): z.ZodType<number> {
  const error = `expected ${min} to 256 ACU in steps of 0.5`;
  return z.number({ error }).min(min, { error }).max(256, { error }).multipleOf(0.5, { error });
}

const cidr = z
  .string({ error: "expected a range such as '10.40.0.0/16'" })
  .superRefine((value, context) => {
    const parsed = parseCidr(value);
    if (!('fault' in parsed)) return;
    const hint = parsed.suggestion === undefined ? '' : `; did you mean '${parsed.suggestion}'?`;
    context.addIssue({ code: 'custom', message: `expected ${parsed.expected}${hint}` });
  });

const pairError = 'expected two ranges, one for each zone';
const cidrPair = z.tuple([cidr, cidr], { error: pairError });

const instanceType = text(
  /^[a-z]+\d[a-z0-9-]*\.(?:nano|micro|small|medium|large|\d*xlarge|metal)$/,
  "an instance type such as 't4g.micro'",
);

const mail = z.email({ error: 'expected a mail address' });

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html */
const bucketName = z
  .string({ error: 'expected the name of a bucket' })
  .superRefine((name, context) => {
    const fault = bucketFault(name);
    if (fault !== undefined) context.addIssue({ code: 'custom', message: `expected ${fault}` });
  });

/** What S3 expects of the name of a bucket instead; undefined when it takes it. */
export function bucketFault(name: string): string | undefined {
  if (name.length < 3 || name.length > 63) return 'a bucket name of 3 to 63 characters';
  if (!/^[a-z0-9][a-z0-9.-]*[a-z0-9]$/.test(name)) {
    return 'a bucket name of small letters, digits and -, a letter or digit first and last';
  }
  if (/^(?:\d+\.){3}\d+$/.test(name)) return 'a bucket name that is no address';
  // The certificate of S3 covers one label: with a dot in it TLS fails, and TLS is all we use.
  if (name.includes('.')) return 'a bucket name without dots, which TLS does not work with';
  if (/^(?:xn--|sthree-|amzn-s3-demo-)|(?:-s3alias|--ol-s3|--x-s3|--table-s3|-an)$/.test(name)) {
    return 'a bucket name without the beginnings and ends that S3 keeps for itself';
  }
  return undefined;
}

const functionSchema = z.strictObject({
  memoryMb: whole(128, 10_240, 'megabytes of memory').optional(),
  timeoutSeconds: whole(1, 900, 'seconds').optional(),
  temporaryMb: whole(512, 10_240, 'megabytes of disk').optional(),
  reservedConcurrency: reasoned({
    safe: whole(1, 100, 'runs at once'),
    other: z.literal('off'),
    expected: 'runs at once, 1 to 100',
    example: "{ value: 'off', because: '…' }",
  }).optional(),
});

/** https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html */
const logDays: readonly number[] = [
  1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288,
  3653,
];

const onUnlessReason = reasoned({
  safe: z.literal(true),
  other: z.literal(false),
  expected: 'true',
  example: "{ value: false, because: '…' }",
});

const certificateSchema = z.discriminatedUnion(
  'kind',
  [
    z.strictObject({
      kind: z.literal('lets-encrypt'),
      email: mail,
      hostedZoneId: text(/^Z[A-Z0-9]{1,31}$/, "the id of a hosted zone, such as 'Z0123456789ABC'"),
    }),
    z.strictObject({
      kind: z.literal('acm'),
      arn: text(
        /^arn:aws:acm:[a-z0-9-]+:\d{12}:certificate\/[\w-]+$/,
        "a certificate's ARN, arn:aws:acm:…:certificate/…",
      ),
      passphraseSecret: text(/^[\w/+=.@-]{1,512}$/, 'the name of a secret in Secrets Manager'),
    }),
  ],
  { error: "expected the kind 'lets-encrypt' or 'acm'" },
);

const networkSchema = z.strictObject({
  cidr: cidr.optional(),
  publicSubnets: cidrPair.optional(),
  privateSubnets: cidrPair.optional(),
  databaseSubnets: cidrPair.optional(),
  egress: z.enum(['nat-gateway', 'nat-instance', 'none']).optional(),
  natInstanceType: instanceType.optional(),
  flowLogs: onUnlessReason.optional(),
});

const databaseSchema = z.strictObject({
  kind: z.enum(['rds-instance', 'aurora-serverless']).optional(),
  engineVersion: text(/^17\.\d{1,2}$/, "a version of PostgreSQL 17, such as '17.6'").optional(),
  databaseName: text(
    /^(?!postgres$|template[01]$|rdsadmin$)[a-z][a-z0-9_]{0,62}$/,
    "a name of small letters, digits and _, not one of Postgres's own",
  ).optional(),
  backupDays: reasoned({
    safe: whole(7, 35, 'days'),
    other: whole(1, 6, 'days'),
    expected: '7 to 35 days',
    example: "{ value: 1, because: '…' }",
  }).optional(),
  deletionProtection: onUnlessReason.optional(),
  standby: z.boolean({ error: 'expected true or false' }).optional(),
  minAcu: acu(0).optional(),
  maxAcu: acu(1).optional(),
  pauseAfterMinutes: whole(5, 1440, 'minutes').optional(),
  instanceType: instanceType
    .refine((type) => !/\.(?:nano|metal)$/.test(type), {
      error: "expected a type that RDS has, such as 't4g.micro'",
    })
    .optional(),
  storageGb: whole(20, 65_536, 'gigabytes').optional(),
  storageMaxGb: whole(22, 65_536, 'gigabytes').optional(),
});

const landingSchema = z.strictObject({
  bucket: bucketName.optional(),
  noncurrentDays: reasoned({
    safe: whole(7, 3650, 'days'),
    other: whole(1, 6, 'days'),
    expected: '7 to 3650 days',
    example: "{ value: 1, because: '…' }",
  }).optional(),
  infrequentAfterDays: z
    .int({ error: 'expected 0, or 30 to 3650 days' })
    .refine((days) => days === 0 || (days >= 30 && days <= 3650), {
      error: 'expected 0, or 30 to 3650 days',
    })
    .optional(),
});

const proxySchema = z.strictObject(
  {
    domain: text(
      /^(?=.{4,253}$)(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}$/,
      "a host name such as 'numbers.example.com'",
    ).optional(),
    certificate: reasoned({
      safe: certificateSchema,
      other: z.literal('self-signed'),
      expected: "{ kind: 'lets-encrypt', … } or { kind: 'acm', … }",
      example: "{ value: 'self-signed', because: '…' }",
    }),
    ami: reasoned({
      safe: text(/^ami-(?:[0-9a-f]{8}|[0-9a-f]{17})$|^\/[\w./-]+:\d+$/, 'an image'),
      other: z.literal('latest'),
      expected: "the id of a machine image, 'ami-…' (docs/aws-settings.md says how to find it)",
      example: "{ value: 'latest', because: '…' }",
    }),
    instanceType: instanceType.optional(),
    zoneIndex: z.literal([0, 1], { error: 'expected 0 or 1' }).optional(),
    databaseConnectionsMax: whole(1, 1000, 'connections').optional(),
    databaseConnectionsPerAddress: whole(1, 1000, 'connections').optional(),
    databaseIdleMinutes: whole(1, 1440, 'minutes').optional(),
    requestsPerSecond: whole(1, 1000, 'requests a second').optional(),
  },
  { error: missing('{ certificate: …, ami: … }') },
);

const alarmSchema = z.strictObject(
  {
    mail: reasoned({
      safe: z
        .array(mail)
        .min(1)
        .superRefine((given, context) => {
          const folded = given.map((address) => address.toLowerCase());
          for (const [index, address] of folded.entries()) {
            if (folded.indexOf(address) === index) continue;
            const message = 'expected each address once';
            context.addIssue({ code: 'custom', message, path: [index] });
          }
        }),
      other: z.array(mail).max(0),
      expected: 'at least one mail address',
      example: "{ value: [], because: '…' }",
    }),
    durationShare: share('a share of the time limit').optional(),
    storageFreeGbMin: whole(1, 1000, 'gigabytes').optional(),
    acuShare: share('a share of the capacity').optional(),
    logDays: z
      .int({ error: `expected one of ${logDays.join(', ')}` })
      .refine((days) => logDays.includes(days), { error: `expected one of ${logDays.join(', ')}` })
      .optional(),
  },
  { error: missing("{ mail: ['it@example.com'] }") },
);

/** What `plumbline.aws.ts` may hold; each setting by itself. */
export const awsSchema = z.strictObject({
  region: oneOf("a region of AWS such as 'eu-central-1'", regions),
  account: text(/^\d{12}$/, 'the twelve digits of an account, as text').optional(),
  name: text(
    /^[a-z][a-z0-9]*(?:-[a-z0-9]+)*$/,
    'small letters, digits and single -, a letter first',
  )
    .refine((name) => name.length <= 32, { error: 'expected at most 32 characters' })
    .optional(),
  size: z.enum(['small', 'standard']),
  network: networkSchema.optional(),
  database: databaseSchema.optional(),
  landing: landingSchema.optional(),
  functions: functionSchema
    .extend({ only: z.record(z.string(), functionSchema).optional() })
    .optional(),
  proxy: proxySchema,
  alarms: alarmSchema,
  variables: z
    .record(z.string(), z.string({ error: 'expected text: an environment holds nothing else' }))
    .superRefine((variables, context) => {
      for (const name of Object.keys(variables)) {
        const message = variableFault(name);
        if (message !== undefined) {
          context.addIssue({ code: 'custom', message: `expected ${message}`, path: [name] });
        }
      }
    })
    .optional(),
});

/** What Lambda and Plumbline expect of the name of a variable instead. */
export function variableFault(name: string): string | undefined {
  if (!/^[A-Za-z]\w+$/.test(name)) return 'a name of letters, digits and _, a letter first';
  if (/^(?:AWS_|LAMBDA_|PLUMBLINE_|NODE_OPTIONS$|TZ$|PATH$)/.test(name)) {
    return 'a name that neither Lambda nor Plumbline keeps for itself';
  }
  return undefined;
}
