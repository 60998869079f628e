import { formatTable } from 'plumbline/runtime';
import type { Cell, Terminal } from 'plumbline/runtime';

import type { ResourceChange } from './compare-templates.ts';
import { endangersData } from './compare-templates.ts';
import type { Deployment } from './prepare-deployment.ts';

const titles = {
  in: 'Open to the outside',
  network: 'Inside the network',
  role: 'Rights of the functions',
  user: 'Users of the database',
  secret: 'Secrets',
  'opt-out': 'Given up, with the reason',
} as const;

/** More added resources than this are counted by type, as on a first deployment. */
const addedShown = 12;

/** What changes, what it costs, what it opens: all that is agreed to. */
export function printDeployment(deployment: Deployment, terminal: Terminal): void {
  printChanges(deployment.changes, terminal);
  printSecurity(deployment, terminal);
  const { price } = deployment;
  const { print, paint } = terminal;
  print();
  print(
    `${paint.strong('Price')}  about ${paint.strong(dollars(price.totalCents))} a month (${dollars(price.fixedCents)} fixed, ${dollars(price.useCents)} by use; list prices of ${price.date}). Line by line: \`plumbline cost\`.`,
  );
  print();
}

const dollars = (cents: number): string => `$${(cents / 100).toFixed(2)}`;

function printChanges(changes: readonly ResourceChange[], terminal: Terminal): void {
  const { print, paint } = terminal;
  print();
  if (changes.length === 0) {
    print(`${paint.strong('Changes')}  none: what is deployed is what the project says.`);
    return;
  }
  const count = (kind: ResourceChange['kind']): string =>
    `${changes.filter((change) => change.kind === kind).length} ${kind}`;
  print(
    `${paint.strong('Changes')}  ${(['added', 'changed', 'replaced', 'removed'] as const).map(count).join(', ')}`,
  );
  const added = changes.filter(({ kind }) => kind === 'added');
  const listed =
    added.length > addedShown ? changes.filter(({ kind }) => kind !== 'added') : changes;
  for (const line of formatTable(
    columns,
    listed.map((change) => rowOf(change, terminal)),
  )) {
    if (listed.length > 0) print(line);
  }
  if (added.length > addedShown) print(`  added: ${countTypes(added)}`);
  for (const change of changes.filter((each) => endangersData(each))) {
    print(paint.bad(`  ${change.id} holds data. ${fateOf(change)}`));
  }
}

const columns = [{ title: '' }, { title: '' }, { title: '' }, { title: '' }];

function rowOf(change: ResourceChange, { paint }: Terminal): readonly Cell[] {
  const { id, type, kind, properties } = change;
  const color = endangersData(change)
    ? paint.bad
    : kind === 'added'
      ? paint.good
      : kind === 'changed'
        ? paint.faint
        : paint.notice;
  return [{ text: kind, paint: color }, id, type, properties.join(', ')];
}

/** `63 in all: 20 AWS::EC2…, …` would be no help; the services are. */
function countTypes(changes: readonly ResourceChange[]): string {
  const counts = new Map<string, number>();
  for (const { type } of changes) {
    const service = type.split('::')[1] ?? type;
    counts.set(service, (counts.get(service) ?? 0) + 1);
  }
  return [...counts]
    .toSorted(([, a], [, b]) => b - a)
    .map(([service, count]) => `${count} ${service}`)
    .join(', ');
}

/** What becomes of the data, by the policy that was deployed with it. */
export function fateOf({ kind, type, deletionPolicy }: ResourceChange): string {
  const stays =
    deletionPolicy?.startsWith('Retain') === true
      ? 'It stays in the account, but nothing uses it any more.'
      : deletionPolicy === 'Snapshot'
        ? 'AWS takes a snapshot of it; docs/aws.md says how to restore one.'
        : type === 'AWS::SecretsManager::Secret'
          ? 'It is deleted at once and for good: there is no time in which it could be restored.'
          : 'What it holds is lost.';
  return kind === 'replaced' ? `A new, empty one takes its place. ${stays}` : stays;
}

function printSecurity({ security }: Deployment, { print, paint }: Terminal): void {
  for (const [topic, title] of Object.entries(titles)) {
    const lines = security.filter((line) => line.topic === topic);
    if (lines.length === 0) continue;
    print();
    print(paint.strong(title));
    const color = topic === 'opt-out' ? paint.notice : (text: string): string => text;
    const rows = lines.map(({ subject, text }): Cell[] => [subject, { text, paint: color }]);
    for (const line of formatTable([{ title: '' }, { title: '' }], rows)) print(line);
  }
}
