import { PlumblineError } from 'plumbline/runtime';
import type { Environment } from 'plumbline/runtime';

import type { Cloud } from '../cloud/cloud.ts';
import type { Plan, SecretPlan } from '../plan/plan.ts';

/** Where the values of the project's secrets are. */
export interface SecretsFound {
  /** Have a value in Secrets Manager, which stays. */
  readonly filled: readonly SecretPlan[];
  /** Have none there; the environment or `.env` has it, and the deployment puts it there. */
  readonly toFill: readonly { readonly secret: SecretPlan; readonly value: string }[];
  /** Have a value nowhere. */
  readonly missing: readonly SecretPlan[];
}

/** Looks for the values without reading any that is in Secrets Manager. */
export async function findSecrets(
  cloud: Pick<Cloud, 'secrets'>,
  plan: Plan,
  env: Environment,
): Promise<SecretsFound> {
  const filled: SecretPlan[] = [];
  const toFill: { secret: SecretPlan; value: string }[] = [];
  const missing: SecretPlan[] = [];
  for (const secret of plan.secrets) {
    const value = env(secret.name);
    if ((await cloud.secrets.state(secret.secretName)) === 'filled') filled.push(secret);
    else if (value === undefined || value === '') missing.push(secret);
    else toFill.push({ secret, value });
  }
  return { filled, toFill, missing };
}

/** Throws `setting-missing` with each secret that has a value nowhere and the file that needs it. */
export function refuseMissing({ missing }: SecretsFound): void {
  if (missing.length === 0) return;
  const each = missing.map(({ name, usedBy }) => `${name}, which ${usedBy.join(' and ')} needs`);
  const [first] = missing;
  throw new PlumblineError('setting-missing', {
    message: `${missing.length === 1 ? 'A secret has' : `${missing.length} secrets have`} no value, neither in Secrets Manager nor here: ${each.join('; ')}.`,
    remedy: `Write ${first?.name ?? ''}=… into the project's .env: the deployment puts it into Secrets Manager. Or deploy --without-secrets and fill it in later. Nothing was created.`,
  });
}

export function describeSecrets({ filled, toFill, missing }: SecretsFound): string {
  const names = (secrets: readonly SecretPlan[]): string =>
    secrets.map(({ name }) => name).join(', ');
  return (
    [
      filled.length === 0 ? '' : `${names(filled)}: in Secrets Manager`,
      toFill.length === 0
        ? ''
        : `${names(toFill.map(({ secret }) => secret))}: from the environment or .env, into Secrets Manager`,
      missing.length === 0 ? '' : `${names(missing)}: no value yet`,
    ]
      .filter((part) => part !== '')
      .join('\n') || 'none is needed'
  );
}
