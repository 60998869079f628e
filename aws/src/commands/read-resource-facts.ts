import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';

import { z } from 'zod';

import type { ResourceFacts } from './compare-templates.ts';

/** Of the database of CloudFormation's types that comes with the CDK, what is used of it. */
const schema = z.object({
  schema: z.object({
    resource: z.object({
      entities: z.array(
        z.object({
          cloudFormationType: z.string(),
          isStateful: z.boolean().optional(),
          properties: z.record(
            z.string(),
            z.object({ causesReplacement: z.enum(['yes', 'no', 'maybe']).optional() }),
          ),
        }),
      ),
    }),
  }),
});

/** What is lost with these can be had again: failed events, logs, keys that the stack makes. */
const replaceable = new Set(['AWS::SQS::Queue', 'AWS::Logs::LogGroup']);

/**
 * Which changes replace a resource and which types hold data, from the CDK's own database of
 * CloudFormation (in the pinned `aws-cdk`; 0.3 s).
 */
export async function readResourceFacts(): Promise<ResourceFacts> {
  const require = createRequire(import.meta.url);
  const file = join(dirname(require.resolve('aws-cdk/package.json')), 'db.json.gz');
  const text = (await promisify(gunzip)(await readFile(file))).toString('utf8');
  const { entities } = schema.parse(JSON.parse(text)).schema.resource;
  const types = new Map(entities.map((entity) => [entity.cloudFormationType, entity]));
  return {
    // Where it depends, it is said to: a warning too many is no loss of data.
    replaces: (type, property) =>
      ['yes', 'maybe'].includes(types.get(type)?.properties[property]?.causesReplacement ?? 'no'),
    holdsData: (type) => types.get(type)?.isStateful === true && !replaceable.has(type),
  };
}
