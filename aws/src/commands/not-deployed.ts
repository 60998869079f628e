import { PlumblineError } from 'plumbline/runtime';

import type { Plan } from '../plan/plan.ts';

export function notDeployed({ name, region }: Plan): PlumblineError {
  return new PlumblineError('aws-not-deployed', {
    message: `There is no stack ${name} in ${region} with these credentials.`,
    remedy:
      'Run `plumbline deploy`; if it is deployed elsewhere, check AWS_PROFILE and the region in plumbline.aws.ts.',
  });
}
