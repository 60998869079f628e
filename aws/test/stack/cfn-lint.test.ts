import { spawnSync } from 'node:child_process';

import { expect, test } from 'vitest';

import type { Plan } from '../../src/plan/plan.ts';
import { smallPlan, standardPlan } from '../helpers/sample-plan.ts';
import { synthesized } from '../helpers/synthesized.ts';

const isHere = spawnSync('cfn-lint', ['--version']).status === 0;
if (!isHere) console.log('SKIP: cfn-lint is not here (pip install cfn-lint)');

/** Said about what CDK itself adds. */
const accepted = /^W3005 .*CustomVpcRestrictDefaultSG/;

interface Finding {
  readonly Rule: { readonly Id: string };
  readonly Message: string;
  readonly Filename: string;
}

const withSubnets = (plan: Plan): Plan => ({
  ...plan,
  network: { ...plan.network, publicSubnets: ['10.40.0.0/33', '10.40.1.0/24'] },
});

/** One process for all: most of its time is its start. */
test.runIf(isHere)('cfn-lint has nothing to say, and would see what is wrong', async () => {
  const plans = [smallPlan(), standardPlan(), standardPlan({ egress: 'none' })];
  const files: string[] = [];
  for (const plan of [...plans, withSubnets(smallPlan())]) {
    files.push((await synthesized(plan)).templateFile);
  }
  const { stdout } = spawnSync('cfn-lint', ['--format', 'json', '--', ...files], {
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
  });
  const linesOf = (file: string | undefined): readonly string[] =>
    (JSON.parse(stdout) as readonly Finding[])
      .filter(({ Filename }) => Filename === file)
      .map(({ Rule, Message }) => `${Rule.Id} ${Message}`)
      .filter((line) => !accepted.test(line));
  expect(linesOf(files.pop()).join('\n')).toContain('10.40.0.0/33');
  for (const file of files) expect(linesOf(file)).toEqual([]);
});
