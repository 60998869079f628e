import type { StackResource, Template } from '../cloud/cloud.ts';

/** What becomes of a stack's resources when it goes. */
export interface Removal {
  /** How many are deleted. */
  readonly goes: number;
  /** What stays in the account, and costs. */
  readonly stays: readonly Remainder[];
  /** Names of secrets, whose values go with them. */
  readonly secrets: readonly string[];
  /** Databases that refuse to be deleted until they are told otherwise. */
  readonly protectedDatabases: readonly string[];
}

export interface Remainder {
  readonly what: string;
  /** How it is removed for good. */
  readonly remove: string;
}

/** From the template that is deployed and the names that AWS gave. */
export function describeRemoval(
  template: Template,
  resources: readonly StackResource[],
  region: string,
): Removal {
  const nameOf = (id: string): string =>
    resources.find(({ logicalId }) => logicalId === id)?.physicalId ?? id;
  const all = Object.entries(template.Resources ?? {});
  const stays = all.flatMap(([id, { Type, DeletionPolicy = 'Delete' }]): Remainder[] => {
    if (DeletionPolicy === 'Delete') return [];
    const name = nameOf(id);
    if (DeletionPolicy === 'Snapshot') {
      const kind = Type === 'AWS::RDS::DBCluster' ? 'db-cluster' : 'db';
      return [
        {
          what: `a last snapshot of the database ${name}, at about $0.02 a GB and month`,
          remove: `aws rds describe-${kind}-snapshots --region ${region} --snapshot-type manual, then aws rds delete-${kind}-snapshot --region ${region} --${kind}-snapshot-identifier NAME`,
        },
      ];
    }
    if (Type === 'AWS::S3::Bucket') {
      return [
        {
          what: `the bucket ${name} with every file and kept copy, at about $0.025 a GB and month`,
          remove: `empty it, all versions, in the console of S3 ("Empty"), then aws s3api delete-bucket --region ${region} --bucket ${name}`,
        },
      ];
    }
    return [{ what: `${name} (${Type})`, remove: 'in the console of its service' }];
  });
  return {
    goes: all.length - stays.filter(({ what }) => !what.startsWith('a last snapshot')).length,
    stays,
    secrets: all
      .filter(([, { Type }]) => Type === 'AWS::SecretsManager::Secret')
      .map(([id]) => nameOf(id)),
    protectedDatabases: all
      .filter(([, { Properties }]) => Properties?.['DeletionProtection'] === true)
      .map(([id]) => id),
  };
}

/** The same template with databases that may be deleted. */
export function withoutProtection(template: Template): Template {
  const resources = Object.entries(template.Resources ?? {}).map(([id, resource]) => {
    const isProtected = resource.Properties?.['DeletionProtection'] === true;
    const Properties = { ...resource.Properties, DeletionProtection: false };
    return [id, isProtected ? { ...resource, Properties } : resource] as const;
  });
  return { ...template, Resources: Object.fromEntries(resources) };
}
