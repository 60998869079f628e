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
  const wanted = Object.entries(columns).map(([name, spec]) => {
    const names = labelsOf(name, spec.header);
    const found = folded.flatMap((label, index) =>
      names.some((each) => foldLabel(each) === label) ? [index] : [],
    );
    if (found.length > 1) {
      throw new PlumblineError('duplicate-label', {
        message: `${where}: columns ${found.map((index) => index + 1).join(' and ')} are both labelled "${labels[found[0] ?? 0]}", which is column "${name}" of the contract.`,
      });
    }
    return { name, names, index: found[0] ?? -1 };
  });
  const taken = new Set(wanted.map(({ index }) => index));
  const missing = wanted.filter(({ index }) => index === -1);
  const free = labels.filter((label, index) => !taken.has(index) && label.trim() !== '');
  if (missing.length > 0) throw missingLabels(missing, { labels, free, where });
  return { cells: wanted.map(({ index }) => index), extra: free };
}

/** One error for all columns that are not there: a header is corrected once, not column by column. */
function missingLabels(
  missing: readonly { readonly name: string; readonly names: readonly string[] }[],
  seen: {
    readonly labels: readonly string[];
    readonly free: readonly string[];
    readonly where: string;
  },
): PlumblineError {
  const nearest = missing.map(({ name, names }) => {
    const near = names.map((each) => suggest(each, seen.free)).find((each) => each !== undefined);
    return { name, names, near };
  });
  const sentences = nearest.map(({ name, names, near }) => {
    const wanted = names.map((each) => `"${each}"`).join(' or ');
    const hint = near === undefined ? '' : ` Did you mean "${near}"?`;
    return `no column is labelled ${wanted} (column "${name}" of the contract).${hint}`;
  });
  const [guess] = nearest.filter(({ near }) => near !== undefined);
  const labels = seen.labels.map((label) => `"${label}"`).join(', ');
  return new PlumblineError('missing-label', {
    message: `${seen.where}: ${sentences.join(' Also, ')} Its labels are ${labels}.`,
    ...(guess === undefined
      ? {}
      : {
          remedy: `If "${guess.near}" is that column, set header: ${JSON.stringify(guess.near)} on "${guess.name}"; otherwise ask the sender for what is missing.`,
        }),
  });
}
