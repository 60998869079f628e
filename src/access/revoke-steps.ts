import { quoteIdentifier } from '../warehouse/quote.ts';
import type { AccessStep } from './access-changes.ts';
import type { Right } from './right.ts';

/** A right to take away, or only that of passing it on. */
export interface Excess {
  readonly right: Right;
  readonly onlyPassingOn: boolean;
}

/** Takes rights away, those of one role on one thing in one step. */
export function revokeSteps(excesses: readonly Excess[]): readonly AccessStep[] {
  const groups = new Map<string, Excess[]>();
  for (const excess of excesses) {
    const { to, target, schema, maker, grantor } = excess.right;
    const key = JSON.stringify([to, target, schema, maker, grantor, excess.onlyPassingOn]);
    groups.set(key, [...(groups.get(key) ?? []), excess]);
  }
  return [...groups.values()].flatMap((group) => {
    const [first] = group;
    return first === undefined ? [] : [revokeStep(first, group)];
  });
}

function revokeStep({ right, onlyPassingOn }: Excess, group: readonly Excess[]): AccessStep {
  const { to, target, grantor, maker } = right;
  const everybody = to === 'PUBLIC';
  const privileges = group.map((each) => each.right.privilege).join(', ');
  const shown = privileges.replaceAll(/\b[A-Z]+\b/g, (word) => word.toLowerCase());
  const who = everybody ? 'everybody' : to;
  const from = everybody ? 'public' : quoteIdentifier(to);
  const option = onlyPassingOn ? 'grant option for ' : '';
  const statement =
    maker === null
      ? `revoke ${option}${privileges} on ${target} from ${from} cascade`
      : `${defaultsOf(right, maker)} revoke ${option}${privileges} on ${target} from ${from}`;
  const place = maker === null ? target : `the ${target} that ${maker} will make${inSchema(right)}`;
  return {
    kind: 'take',
    user: everybody ? null : to,
    text: onlyPassingOn
      ? `${who} may no longer pass on: ${shown} on ${place}`
      : `${who} may no longer: ${shown} on ${place}`,
    sql:
      grantor === null
        ? [statement]
        : [`set local role ${quoteIdentifier(grantor)}`, statement, 'reset role'],
  };
}

const inSchema = ({ schema }: Right): string => (schema === null ? '' : ` in schema ${schema}`);

function defaultsOf({ schema }: Right, maker: string): string {
  const where = schema === null ? '' : ` in schema ${quoteIdentifier(schema)}`;
  return `alter default privileges for role ${quoteIdentifier(maker)}${where}`;
}
