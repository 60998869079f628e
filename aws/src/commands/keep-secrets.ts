import type { Template } from '../cloud/cloud.ts';
import type { Plan, SecretPlan } from '../plan/plan.ts';

/**
 * The plan with what was deployed and the project does not name any more: secrets that somebody filled
 * in. CloudFormation deletes a secret at once and knows no recovery window
 * (https://github.com/aws-cloudformation/cloudformation-coverage-roadmap/issues/838), and one that it
 * would leave behind it could not take up again under its name (…/issues/2375). So it stays in the stack.
 */
export function keepSecrets(plan: Plan, deployed: Template | undefined): Plan {
  const prefix = `${plan.name}/`;
  const kept = Object.values(deployed?.Resources ?? {}).flatMap(
    ({ Type, Properties = {} }): SecretPlan[] => {
      const { Name, GenerateSecretString } = Properties;
      const isFilledIn =
        Type === 'AWS::SecretsManager::Secret' && GenerateSecretString === undefined;
      if (!isFilledIn || typeof Name !== 'string' || !Name.startsWith(prefix)) return [];
      if (plan.secrets.some(({ secretName }) => secretName === Name)) return [];
      return [{ name: Name.slice(prefix.length), secretName: Name, usedBy: [] }];
    },
  );
  return kept.length === 0 ? plan : { ...plan, secrets: [...plan.secrets, ...kept] };
}
