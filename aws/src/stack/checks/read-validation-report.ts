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
        message: description,
      })),
    );
}
