import { PlumblineError } from '../errors.ts';
import type { Columns } from './column.ts';
import { suggest } from './suggest.ts';

/** Where each column of the contract stands in a delivery. */
export interface HeaderMatch {
  /** For each column of the contract, in its order, the index of its label. */
  readonly cells: readonly number[];
  /** Labels the contract does not name, as written. */
  readonly extra: readonly string[];
}

/** Labels are compared without regard to case, Unicode form and runs of white space. */
export const foldLabel = (label: string): string =>
  label.normalize('NFC').trim().replaceAll(/\s+/gu, ' ').toLowerCase();

/** The labels a column may have in a delivery; when it declares none its own name, `_` also as a space. */
export function labelsOf(
  name: string,
  header: string | readonly string[] | undefined,
): readonly string[] {
  if (header === undefined) return name.includes('_') ? [name, name.replaceAll('_', ' ')] : [name];
  return typeof header === 'string' ? [header] : header;
}

/**
 * Finds the columns of a contract among the labels of a delivery, by name and not by position.
 * `where` names the delivery for the message.
 *
 * Throws `missing-label` when a column is not there (with the nearest label as a suggestion) and
 * `duplicate-label` when two labels could be it.
 */
export function matchHeader(
  columns: Columns,
  labels: readonly string[],
  where: string,
): HeaderMatch {
  const folded = labels.map(foldLabel);
  const taken = new Set<number>();
  const cells = Object.entries(columns).map(([name, spec]) => {
    const wanted = labelsOf(name, spec.header);
    const found = folded.flatMap((label, index) =>
      wanted.some((each) => foldLabel(each) === label) ? [index] : [],
    );
    const [first] = found;
    if (first === undefined) throw missingLabel({ name, wanted, labels, where, taken });
    if (found.length > 1) {
      throw new PlumblineError('duplicate-label', {
        message: `${where}: columns ${found.map((index) => index + 1).join(' and ')} are both labelled "${labels[first]}", which is column "${name}" of the contract.`,
      });
    }
    taken.add(first);
    return first;
  });
  return { cells, extra: labels.filter((_, index) => !taken.has(index) && folded[index] !== '') };
}

function missingLabel(seen: {
  name: string;
  wanted: readonly string[];
  labels: readonly string[];
  where: string;
  taken: ReadonlySet<number>;
}): PlumblineError {
  const free = seen.labels.filter((label, index) => !seen.taken.has(index) && label.trim() !== '');
  const near = seen.wanted.map((each) => suggest(each, free)).find((each) => each !== undefined);
  const wanted = seen.wanted.map((each) => `"${each}"`).join(' or ');
  const hint = near === undefined ? '' : ` Did you mean "${near}"?`;
  return new PlumblineError('missing-label', {
    message: `${seen.where}: no column is labelled ${wanted} (column "${seen.name}" of the contract). Its labels are ${seen.labels.map((label) => `"${label}"`).join(', ')}.${hint}`,
    ...(near === undefined
      ? {}
      : {
          remedy: `If "${near}" is that column, set header: ${JSON.stringify(near)} on "${seen.name}"; otherwise ask the sender for the missing column.`,
        }),
  });
}
