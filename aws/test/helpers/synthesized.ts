import type { Plan } from '../../src/plan/plan.ts';
import { synthesize } from '../../src/stack/synthesize.ts';
import type { SynthesizedStack } from '../../src/stack/synthesize.ts';
import { dummyCode } from './dummy-code.ts';
import { temporaryFolder } from './temporary-folder.ts';

/** The stack of a plan with code that does nothing, in a folder of its own. */
export async function synthesized(plan: Plan): Promise<SynthesizedStack> {
  // CDK's own linter takes four seconds; one test asks for it (strict-synth.test.ts).
  process.env['CDK_VALIDATION'] = 'false';
  const outDir = temporaryFolder('stack');
  return synthesize({ plan, code: dummyCode(plan), outDir });
}
