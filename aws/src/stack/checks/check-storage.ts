import { keptPrefix } from '../../plan/kept-prefix.ts';
import { resourcesOf } from '../template.ts';
import type { Template } from '../template.ts';
import type { Check, Found } from './finding.ts';
import { statementsOf } from './policy.ts';
import { fieldsOf, listOf, numberOf, renderValue } from './values.ts';

const blocks = [
  'BlockPublicAcls',
  'BlockPublicPolicy',
  'IgnorePublicAcls',
  'RestrictPublicBuckets',
];

export const safeBuckets: Check = {
  name: 'safe-buckets',
  promise: 'buckets are closed to the public, versioned, encrypted, TLS only, and stay',
  find: (template) =>
    resourcesOf(template, 'AWS::S3::Bucket').flatMap(
      ({ id, properties, deletionPolicy, updateReplacePolicy }) => {
        const access = fieldsOf(properties['PublicAccessBlockConfiguration']);
        const open = blocks.filter((name) => access[name] !== true);
        const wrong = [
          ...open.map((name) => `${name} is not true`),
          ...(fieldsOf(properties['VersioningConfiguration'])['Status'] === 'Enabled'
            ? []
            : ['it is not versioned']),
          ...(properties['BucketEncryption'] === undefined ? ['it is not encrypted'] : []),
          ...(stays(deletionPolicy) && updateReplacePolicy === 'Retain'
            ? []
            : ['it goes with the stack']),
          ...(isTlsOnly(template, `\${${id}}`) ? [] : ['it may be reached without TLS']),
        ];
        return wrong.map((message) => ({
          resource: id,
          message: `${message}; expected the opposite`,
        }));
      },
    ),
};

/** `RetainExceptOnCreate`: only what a deployment has just made goes with it when it fails. */
const stays = (deletionPolicy: string | undefined): boolean =>
  deletionPolicy === 'Retain' || deletionPolicy === 'RetainExceptOnCreate';

/** Whether a policy of the bucket, queue or topic refuses what does not come by TLS. */
function isTlsOnly(template: Template, reference: string): boolean {
  const policies = resourcesOf(template).filter(({ properties }) =>
    [properties['Bucket'], ...listOf(properties['Queues']), ...listOf(properties['Topics'])].some(
      (each) => renderValue(each) === reference,
    ),
  );
  return policies.some(({ id }) =>
    statementsOf(template, id).some(
      ({ effect, principal, condition }) =>
        effect === 'Deny' &&
        principal === '*' &&
        renderValue(fieldsOf(condition?.['Bool'])['aws:SecureTransport']) === 'false',
    ),
  );
}

export const safeQueues: Check = {
  name: 'safe-queues',
  promise: 'queues are encrypted, and queues and topics are TLS only',
  find: (template) => [
    ...resourcesOf(template, 'AWS::SQS::Queue')
      .filter(
        ({ properties }) =>
          properties['SqsManagedSseEnabled'] !== true && properties['KmsMasterKeyId'] === undefined,
      )
      .map(({ id }) => ({
        resource: id,
        message: 'is not encrypted; expected SqsManagedSseEnabled',
      })),
    ...['AWS::SQS::Queue', 'AWS::SNS::Topic']
      .flatMap((type) => resourcesOf(template, type))
      .filter(({ id }) => !isTlsOnly(template, `\${${id}}`))
      .map(({ id }) => ({
        resource: id,
        message: 'may be reached without TLS; expected TLS only',
      })),
  ],
};

interface Notification {
  readonly queue: string;
  readonly prefix: string;
  readonly suffix: string;
}

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-how-to-filtering.html */
export const notifications: Check = {
  name: 'notifications',
  promise: 'no upload is meant for two sources, and no load is set off by the copies it keeps',
  find: (template) =>
    resourcesOf(template, 'AWS::S3::Bucket').flatMap(({ id, properties }) => {
      const all = notificationsOf(properties['NotificationConfiguration']);
      const found: Found[] = [];
      all.forEach((each, index) => {
        if (hearsKeptCopies(each)) {
          found.push({
            resource: id,
            message: `${each.queue} hears of ${shown(each)}, where kept copies are written (${keptPrefix}); expected another folder, or an ending`,
          });
        }
        for (const other of all.slice(index + 1)) {
          if (!overlap(each, other)) continue;
          found.push({
            resource: id,
            message: `${each.queue} hears of ${shown(each)} and ${other.queue} of ${shown(other)}, which S3 refuses: a file could be meant for both; expected folders of their own`,
          });
        }
      });
      return found;
    }),
};

function notificationsOf(configuration: unknown): readonly Notification[] {
  return listOf(fieldsOf(configuration)['QueueConfigurations']).map((each) => {
    const fields = fieldsOf(each);
    const rules = listOf(fieldsOf(fieldsOf(fields['Filter'])['S3Key'])['Rules']).map((rule) =>
      fieldsOf(rule),
    );
    const valueOf = (name: string): string =>
      renderValue(rules.find((rule) => rule['Name'] === name)?.['Value']);
    return {
      queue: renderValue(fields['Queue']).replace(/^\$\{(.*)\.Arn\}$/, '$1'),
      prefix: valueOf('prefix'),
      suffix: valueOf('suffix'),
    };
  });
}

function overlap(a: Notification, b: Notification): boolean {
  const prefixes = a.prefix.startsWith(b.prefix) || b.prefix.startsWith(a.prefix);
  const suffixes = a.suffix.endsWith(b.suffix) || b.suffix.endsWith(a.suffix);
  return prefixes && suffixes;
}

function hearsKeptCopies({ prefix, suffix }: Notification): boolean {
  if (prefix.startsWith(keptPrefix)) return true;
  // A kept copy is named by its SHA-256 alone, so an ending with anything else in it never fits.
  return keptPrefix.startsWith(prefix) && /^[0-9a-f]*$/.test(suffix);
}

const shown = ({ prefix, suffix }: Notification): string => `${prefix}…${suffix}`;

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/lifecycle-transition-general-considerations.html */
export const lifecycle: Check = {
  name: 'lifecycle',
  promise: 'what is kept moves to cheaper storage no earlier than S3 allows',
  find: (template) =>
    resourcesOf(template, 'AWS::S3::Bucket').flatMap(({ id, properties }) =>
      listOf(fieldsOf(properties['LifecycleConfiguration'])['Rules'])
        .flatMap((rule) => listOf(fieldsOf(rule)['Transitions']))
        .map((transition) => numberOf(fieldsOf(transition)['TransitionInDays']))
        .filter((days) => days === undefined || days < 30)
        .map((days) => ({
          resource: id,
          message: `objects move after ${days ?? 'no'} days; expected 30 or more`,
        })),
    ),
};
