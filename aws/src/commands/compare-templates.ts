import { isDeepStrictEqual } from 'node:util';

import type { Template, TemplateResource } from '../cloud/cloud.ts';

/** What a deployment would do to one resource. */
export interface ResourceChange {
  readonly id: string;
  readonly type: string;
  readonly kind: 'added' | 'changed' | 'replaced' | 'removed';
  /** Properties that differ; of a replaced one those that make CloudFormation replace it. */
  readonly properties: readonly string[];
  /** It holds data that a replacement or removal takes away, or leaves behind. */
  readonly holdsData: boolean;
  /** `Retain`, `Snapshot`: what stays of it when it goes. */
  readonly deletionPolicy: string | undefined;
}

/** What is known of the types of resources. */
export interface ResourceFacts {
  /** Whether a change of this property makes CloudFormation create the resource anew. */
  readonly replaces: (type: string, property: string) => boolean;
  readonly holdsData: (type: string) => boolean;
}

/**
 * What differs between what is deployed and what is to be, by resource: those that hold data first.
 * CloudFormation decides in the end; where a change replaces only under conditions it is said to.
 */
export function compareTemplates(
  before: Template | undefined,
  after: Template,
  facts: ResourceFacts,
): readonly ResourceChange[] {
  const old = before?.Resources ?? {};
  const fresh = after.Resources ?? {};
  const ids = [...new Set([...Object.keys(fresh), ...Object.keys(old)])];
  const changes = ids.flatMap((id) => changeOf(id, { old: old[id], fresh: fresh[id], facts }));
  const order = ['removed', 'replaced', 'changed', 'added'];
  const rank = (change: ResourceChange): number =>
    (change.holdsData ? 0 : 10) + order.indexOf(change.kind);
  return changes.toSorted((a, b) => rank(a) - rank(b) || (a.id < b.id ? -1 : 1));
}

/** Those that take data away, or leave it where nothing uses it any more. */
export const endangersData = (change: ResourceChange): boolean =>
  change.holdsData && (change.kind === 'replaced' || change.kind === 'removed');

interface Sides {
  readonly old: TemplateResource | undefined;
  readonly fresh: TemplateResource | undefined;
  readonly facts: ResourceFacts;
}

function changeOf(id: string, { old, fresh, facts }: Sides): readonly ResourceChange[] {
  const type = fresh?.Type ?? old?.Type ?? '';
  const deletionPolicy = (old ?? fresh)?.DeletionPolicy;
  const holdsData = facts.holdsData(type) && !canBeMadeAgain((old ?? fresh)?.Properties ?? {});
  const change = (
    kind: ResourceChange['kind'],
    properties: readonly string[] = [],
  ): readonly ResourceChange[] => [{ id, type, kind, properties, holdsData, deletionPolicy }];
  if (old === undefined) return change('added');
  if (fresh === undefined) return change('removed');
  if (old.Type !== fresh.Type) return change('replaced', ['Type']);
  const [was, is] = [old.Properties ?? {}, fresh.Properties ?? {}];
  const names = [...new Set([...Object.keys(was), ...Object.keys(is)])];
  const properties = names.filter((name) => !isDeepStrictEqual(was[name], is[name]));
  if (properties.length === 0) {
    return old.DeletionPolicy === fresh.DeletionPolicy ? [] : change('changed', ['DeletionPolicy']);
  }
  const replacing = properties.filter((name) => facts.replaces(type, name));
  return replacing.length > 0 ? change('replaced', replacing) : change('changed', properties);
}

/** A password that Secrets Manager makes, and a server of an Aurora cluster, whose data is the cluster's. */
const canBeMadeAgain = (properties: Readonly<Record<string, unknown>>): boolean =>
  'GenerateSecretString' in properties || 'DBClusterIdentifier' in properties;
