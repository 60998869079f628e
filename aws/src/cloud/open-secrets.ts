import type { Secrets } from './cloud.ts';
import type { Connection } from './connection.ts';

/** Secrets Manager; values go in and never come out. */
export function openSecrets({ region, signal, guard }: Connection): Secrets {
  const load = async () => {
    const sdk = await import('@aws-sdk/client-secrets-manager');
    return { sdk, client: new sdk.SecretsManagerClient({ region }) };
  };
  return {
    state: (SecretId) =>
      guard(async () => {
        const { sdk, client } = await load();
        try {
          const { VersionIdsToStages = {} } = await client.send(
            new sdk.DescribeSecretCommand({ SecretId }),
            { abortSignal: signal },
          );
          const stages = Object.values(VersionIdsToStages).flat();
          return stages.includes('AWSCURRENT') ? 'filled' : 'empty';
        } catch (error) {
          if (error instanceof Error && error.name === 'ResourceNotFoundException') return 'absent';
          throw error;
        }
      }),
    fill: (SecretId, SecretString) =>
      guard(async () => {
        const { sdk, client } = await load();
        await client.send(new sdk.PutSecretValueCommand({ SecretId, SecretString }), {
          abortSignal: signal,
        });
      }),
  };
}
