import { join } from 'node:path';

import { App } from 'aws-cdk-lib';
import {
  CDK_APP_MODE_CONTEXT,
  STRICT_CFN_VALIDATE_ERRORS,
  VALIDATE_AGAINST_DEFAULT_RULES,
} from 'aws-cdk-lib/cx-api';
import { PlumblineError } from 'plumbline/runtime';

import type { BuiltCode } from '../bundle/built-code.ts';
import type { Plan } from '../plan/plan.ts';
import { checkTemplate, templateChecks } from './checks/check-template.ts';
import type { Finding } from './checks/finding.ts';
import { runNag } from './checks/nag.ts';
import type { NagFinding } from './checks/nag.ts';
import { readValidationReport } from './checks/read-validation-report.ts';
import { createStack } from './create-stack.ts';
import { parseTemplate } from './template.ts';
import type { Template } from './template.ts';

export interface SynthesizedStack {
  /** Of the stack in CloudFormation; the plan's. */
  readonly stackName: string;
  /** The cloud assembly: what `cdk deploy --app` takes. */
  readonly outDir: string;
  readonly templateFile: string;
  readonly template: Template;
  /** CloudFormation refuses to delete the stack while this is on; `destroy` turns it off. */
  readonly terminationProtection: boolean;
  /** What was held against the template; it passed all of it. */
  readonly checks: readonly PassedCheck[];
}

export interface PassedCheck {
  /** `AwsSolutions of cdk-nag` */
  readonly name: string;
  /** What holds. */
  readonly promises: readonly string[];
  /** Findings that are accepted, each with its reason. */
  readonly accepted: readonly string[];
}

export interface SynthesizeOptions {
  readonly plan: Plan;
  readonly code: BuiltCode;
  readonly outDir: string;
}

/**
 * Writes the cloud assembly of a plan and holds it against every rule there is without an account:
 * CloudFormation's as CDK has them (four seconds; `CDK_VALIDATION=false` leaves them out), cdk-nag's,
 * and ours. Asks nobody and needs no credentials: region and account are those it is deployed with.
 *
 * Throws `stack-refused` with everything that was found; `project-invalid` when the proxy's set-up is
 * longer than EC2 takes.
 */
export async function synthesize({
  plan,
  code,
  outDir,
}: SynthesizeOptions): Promise<SynthesizedStack> {
  const app = createApp(outDir);
  const stack = createStack(app, plan, code);
  const assembly = synthesizeApp(app, outDir);
  const artifact = assembly.getStackArtifact(stack.artifactId);
  const template = parseTemplate(artifact.template);
  const nag = runNag(stack, plan.optOuts);
  const refused = [
    ...checkTemplate(template),
    ...nag.filter(({ exception }) => exception === undefined),
  ];
  if (refused.length > 0) throw refusedBecause(refused);
  return {
    stackName: artifact.stackName,
    outDir,
    templateFile: join(outDir, artifact.templateFile),
    template,
    terminationProtection: artifact.terminationProtection ?? false,
    checks: [
      ...(process.env['CDK_VALIDATION'] === 'false' ? [] : [cloudFormationRules]),
      {
        name: "Plumbline's own checks",
        promises: templateChecks.map(({ promise }) => promise),
        accepted: [],
      },
      {
        name: 'AwsSolutions of cdk-nag',
        promises: ['every rule of the pack, but for those accepted'],
        accepted: [...new Set(nag.map((each) => acceptance(each)))],
      },
    ],
  };
}

/** An app whose synthesis throws what CDK's rules find, warnings too, and prints nothing. */
export function createApp(outDir: string): App {
  return new App({
    outdir: outDir,
    analyticsReporting: false,
    treeMetadata: false,
    context: {
      [VALIDATE_AGAINST_DEFAULT_RULES]: true,
      [STRICT_CFN_VALIDATE_ERRORS]: true,
      [CDK_APP_MODE_CONTEXT]: 'inmemory',
    },
  });
}

const cloudFormationRules: PassedCheck = {
  name: "CDK's rules for CloudFormation",
  promises: ['properties, references and common mistakes, as CDK validates them'],
  accepted: [],
};

function acceptance({ check, exception }: NagFinding): string {
  return `${check.replace(/\[.*$/, '')}: ${exception?.reason ?? ''}`;
}

function refusedBecause(findings: readonly Finding[]): PlumblineError {
  const lines = findings.map(
    ({ resource, message, check }) => `- ${resource} ${message} (${check})`,
  );
  const count = findings.length === 1 ? 'One rule is' : `${findings.length} rules are`;
  return new PlumblineError('stack-refused', {
    message: `${count} broken by what is to be deployed:\n${lines.join('\n')}`,
  });
}

/** CDK throws its findings as one text with colours; one by one they are in the assembly. */
function synthesizeApp(app: App, outDir: string): ReturnType<App['synth']> {
  try {
    return app.synth();
  } catch (cause) {
    if (!(cause instanceof Error) || cause.name !== 'ValidationFailed') throw cause;
    throw refusedBecause(readValidationReport(outDir));
  }
}
