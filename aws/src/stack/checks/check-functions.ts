import { resourcesOf } from '../template.ts';
import type { Resource, Template } from '../template.ts';
import type { Check, Found } from './finding.ts';
import { isAllowed, statementsOf } from './policy.ts';
import { fieldsOf, listOf, numberOf, renderValue } from './values.ts';

/** Ours; the one CDK adds to empty the default security group runs once, outside of the network. */
export const functionsOf = (template: Template): readonly Resource[] =>
  resourcesOf(template, 'AWS::Lambda::Function').filter(({ id }) => !id.startsWith('CustomVpc'));

/** https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html */
const ranges = [
  ['MemorySize', 128, 10_240],
  ['Timeout', 1, 900],
] as const;

export const functionLimits: Check = {
  name: 'function-limits',
  promise: 'memory, time, disk and environment of functions are what Lambda takes',
  find: (template) =>
    functionsOf(template).flatMap(({ id, properties }) => {
      const found: Found[] = [];
      const size = fieldsOf(properties['EphemeralStorage'])['Size'];
      const values = [
        ...ranges.map(([name, min, max]) => ({ name, min, max, value: properties[name] })),
        { name: 'EphemeralStorage', min: 512, max: 10_240, value: size },
      ];
      for (const { name, min, max, value } of values) {
        const number = numberOf(value);
        if (number !== undefined && Number.isInteger(number) && number >= min && number <= max)
          continue;
        const seen = renderValue(value) || 'left out';
        found.push({ resource: id, message: `${name} is ${seen}; expected ${min} to ${max}` });
      }
      const bytes = environmentBytes(properties);
      if (bytes > 4096) {
        found.push({
          resource: id,
          message: `its environment has about ${bytes} bytes; expected at most 4096`,
        });
      }
      return found;
    }),
};

/** References count as an ARN of a secret, which is the longest of them. */
function environmentBytes(properties: Resource['properties']): number {
  const variables = fieldsOf(fieldsOf(properties['Environment'])['Variables']);
  return Object.entries(variables).reduce(
    (sum, [name, value]) =>
      sum + name.length + renderValue(value).replaceAll(/\$\{[^}]+\}/g, 'x'.repeat(110)).length,
    0,
  );
}

export const functionPlace: Check = {
  name: 'function-place',
  promise: 'functions run in the private subnets of both zones, and what fails is kept',
  find: (template) =>
    functionsOf(template).flatMap(({ id, properties }) => {
      const found: Found[] = [];
      const vpc = fieldsOf(properties['VpcConfig']);
      const subnets = listOf(vpc['SubnetIds']).map((each) => renderValue(each));
      const expected = ['${PrivateSubnet1}', '${PrivateSubnet2}'];
      if (subnets.toSorted().join() !== expected.join()) {
        const seen = subnets.join(', ') || 'no subnet';
        found.push({ resource: id, message: `runs in ${seen}; expected ${expected.join(', ')}` });
      }
      if (fieldsOf(properties['DeadLetterConfig'])['TargetArn'] === undefined) {
        found.push({ resource: id, message: 'has no dead-letter queue; expected FailedEvents' });
      }
      const log = renderValue(fieldsOf(properties['LoggingConfig'])['LogGroup']);
      const group = template.Resources[log.replace(/^\$\{(.*)\}$/, '$1')];
      if (numberOf(group?.Properties?.['RetentionInDays']) === undefined) {
        found.push({ resource: id, message: 'its log is kept for ever; expected RetentionInDays' });
      }
      return found;
    }),
};

export const functionLoops: Check = {
  name: 'function-loops',
  promise: 'a function that goes on in a new invocation of itself is not stopped for it',
  find: (template) =>
    functionsOf(template).flatMap(({ id, properties }): readonly Found[] => {
      const role = renderValue(properties['Role']).replace(/^\$\{(.*)\.Arn\}$/, '$1');
      const name = renderValue(properties['FunctionName']);
      const callsItself = statementsOf(template, role).some(
        (statement) =>
          isAllowed(statement, 'lambda:InvokeFunction') &&
          statement.resources.some((arn) => arn.endsWith(`:function:${name}`)),
      );
      if (!callsItself || properties['RecursiveLoop'] === 'Allow') return [];
      const seen = renderValue(properties['RecursiveLoop']) || 'left out';
      return [
        {
          resource: id,
          message: `may invoke itself, and RecursiveLoop is ${seen}; expected Allow, or Lambda stops it after 16 times`,
        },
      ];
    }),
};

export const uploadQueues: Check = {
  name: 'upload-queues',
  promise: 'an upload is hidden from others while it is loaded, and kept when no attempt succeeds',
  find: (template) =>
    resourcesOf(template, 'AWS::Lambda::EventSourceMapping').flatMap(({ id, properties }) => {
      const found: Found[] = [];
      const queueId = renderValue(properties['EventSourceArn']).replace(/^\$\{(.*)\.Arn\}$/, '$1');
      const functionId = renderValue(properties['FunctionName']).replace(/^\$\{(.*)\}$/, '$1');
      const queue = template.Resources[queueId]?.Properties ?? {};
      const timeout = numberOf(template.Resources[functionId]?.Properties?.['Timeout']) ?? 0;
      const hidden = numberOf(queue['VisibilityTimeout']) ?? 30;
      const batching = numberOf(properties['MaximumBatchingWindowInSeconds']) ?? 0;
      if (hidden <= timeout + batching) {
        found.push({
          resource: queueId,
          message: `VisibilityTimeout is ${hidden}; expected more than the ${timeout} s of its function and the ${batching} s of batching`,
        });
      }
      if (fieldsOf(queue['RedrivePolicy'])['deadLetterTargetArn'] === undefined) {
        found.push({ resource: queueId, message: 'has no RedrivePolicy; expected FailedUploads' });
      }
      if (!listOf(properties['FunctionResponseTypes']).includes('ReportBatchItemFailures')) {
        found.push({
          resource: id,
          message: 'one failed upload fails its batch; expected ReportBatchItemFailures',
        });
      }
      return found;
    }),
};
