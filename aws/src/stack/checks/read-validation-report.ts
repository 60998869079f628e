import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { VALIDATION_REPORT_FILE } from 'aws-cdk-lib/cx-api';
import { z } from 'zod';

import type { Finding } from './finding.ts';

const reportSchema = z.object({
  pluginReports: z.array(
    z.object({
      violations: z.array(
        z.object({
          ruleName: z.string(),
          description: z.string(),
          violatingConstructs: z.array(
            z.object({
              cloudFormationResource: z.object({ logicalId: z.string() }).optional(),
              constructPath: z.string().optional(),
            }),
          ),
        }),
      ),
    }),
  ),
});

/** What CDK's own rules found, from the report it leaves in the assembly. */
export function readValidationReport(outDir: string): readonly Finding[] {
  const text = readFileSync(join(outDir, VALIDATION_REPORT_FILE), 'utf8');
  return reportSchema
    .parse(JSON.parse(text))
    .pluginReports.flatMap(({ violations }) => violations)
    .flatMap(({ ruleName, description, violatingConstructs }) =>
      violatingConstructs.map(({ cloudFormationResource, constructPath = 'the stack' }) => ({
        check: `CloudFormation ${ruleName}`,
        resource: cloudFormationResource?.logicalId ?? constructPath,
        message: shorten(description),
      })),
    );
}

/**
 * CDK lists all that would be right, which for a version of Postgres are two hundred: those of the same
 * major version are kept, and of anything else as much as one reads.
 */
function shorten(message: string): string {
  const [whole, value, list] = /'([^']+)' is not one of \[(.+)\]/.exec(message) ?? [];
  if (whole === undefined || value === undefined || list === undefined || list.length < 200) {
    return message;
  }
  const all = list.split(', ').map((each) => each.replaceAll("'", ''));
  const alike = all.filter((each) => each.startsWith(`${value.split('.')[0]}.`));
  const shown = (alike.length > 0 ? alike : all).slice(0, 20).join(', ');
  return message.replace(whole, `'${value}' is not one of ${shown}`);
}
