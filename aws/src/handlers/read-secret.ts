import { PlumblineError } from 'plumbline/runtime';

import type { ReadSecret } from './create-secrets.ts';

/** Reads secrets from Secrets Manager. Throws `secret-unreadable`, retryable unless it is a matter of rights. */
export function createSecretReader(region: string): ReadSecret {
  return async (arn) => {
    // Loaded when it is needed: most invocations find the values kept.
    const { GetSecretValueCommand, SecretsManagerClient } =
      await import('@aws-sdk/client-secrets-manager');
    const client = new SecretsManagerClient({ region });
    try {
      const { SecretString } = await client.send(new GetSecretValueCommand({ SecretId: arn }));
      return SecretString;
    } catch (error) {
      const name = error instanceof Error ? error.name : '';
      // Both for a secret without a value and for one that is not there; the ARN is the stack's own.
      if (name === 'ResourceNotFoundException') return undefined;
      throw new PlumblineError('secret-unreadable', {
        message: `The secret ${arn} cannot be read: ${error instanceof Error ? error.message : String(error)}.`,
        retryable: name !== 'AccessDeniedException',
        cause: error,
      });
    } finally {
      client.destroy();
    }
  };
}
