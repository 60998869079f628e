import { Fn } from 'aws-cdk-lib';

import type { Plan } from '../plan/plan.ts';
import { physicalName } from './logical-id.ts';

/** Lambda takes 64 characters. */
export function functionName(plan: Plan, id: string): string {
  return physicalName(`${plan.name}-${id}`, 64);
}

/** Written out, since a role that named its function by reference would need it to be there first. */
export function functionArn(plan: Plan, id: string): string {
  return Fn.sub(
    `arn:\${AWS::Partition}:lambda:\${AWS::Region}:\${AWS::AccountId}:function:${functionName(plan, id)}`,
  );
}
