import type { Stack } from 'aws-cdk-lib';
import { CfnSecret } from 'aws-cdk-lib/aws-secretsmanager';

import type { Plan } from '../plan/plan.ts';
import { logicalId } from './logical-id.ts';

export interface Secrets {
  /** ARN by the name of the variable. */
  readonly variables: ReadonlyMap<string, string>;
  /** ARN by database user. */
  readonly users: ReadonlyMap<string, string>;
}

/**
 * No value is ever in the template: a variable's secret is made empty and filled by a person, a
 * database user's password is made by Secrets Manager. Letters and digits only, so that it can be
 * pasted into any BI tool and any URL; 40 of them are 238 bits.
 */
export function createSecrets(stack: Stack, plan: Plan): Secrets {
  const variables = plan.secrets.map(({ name, secretName, usedBy }): [string, string] => {
    const secret = new CfnSecret(stack, `Secret${logicalId(name)}`, {
      name: secretName,
      description: describe(name, usedBy).slice(0, 2048),
    });
    return [name, secret.ref];
  });
  const users = plan.access.users.map(({ name }): [string, string] => {
    const secret = new CfnSecret(stack, `UserSecret${logicalId(name)}`, {
      name: `${plan.name}/user/${name}`,
      description: `Password of ${name} in the database ${plan.database.databaseName}.`,
      generateSecretString: {
        secretStringTemplate: JSON.stringify({ username: name }),
        generateStringKey: 'password',
        passwordLength: 40,
        excludePunctuation: true,
      },
    });
    return [name, secret.ref];
  });
  return { variables: new Map(variables), users: new Map(users) };
}

/** Of one that stays though its source is gone nothing is to be filled in. */
const describe = (name: string, usedBy: readonly string[]): string =>
  usedBy.length === 0
    ? `${name}, which nothing in the project uses any more.`
    : `${name} of ${usedBy.join(', ')}. Fill it in before the first run.`;
