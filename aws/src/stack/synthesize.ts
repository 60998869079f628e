import { join } from 'node:path';

import { App } from 'aws-cdk-lib';

import type { BuiltCode } from '../bundle/built-code.ts';
import type { Plan } from '../plan/plan.ts';
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
}

export interface SynthesizeOptions {
  readonly plan: Plan;
  readonly code: BuiltCode;
  readonly outDir: string;
}

/**
 * Writes the cloud assembly of a plan. Knows no account, asks nobody and needs no credentials: region
 * and account are whatever it is deployed with.
 */
export async function synthesize({
  plan,
  code,
  outDir,
}: SynthesizeOptions): Promise<SynthesizedStack> {
  const app = new App({ outdir: outDir, analyticsReporting: false, treeMetadata: false });
  const stack = createStack(app, plan, code);
  const assembly = app.synth();
  const { stackName, templateFile, template } = assembly.getStackArtifact(stack.artifactId);
  return {
    stackName,
    outDir,
    templateFile: join(outDir, templateFile),
    template: parseTemplate(template),
  };
}
