import type { Columns } from '../../contract/column.ts';
import { suggest } from '../../contract/suggest.ts';
import { PlumblineError } from '../../errors.ts';
import { scanArray } from './json-bytes.ts';
import { listNames, listPaths } from './json-fields.ts';

/** A field of the records that is read: a column of the contract, or one that its transform uses. */
export interface ApiField {
  /** Its label, for the contract and for people: the first of its paths. */
  readonly label: string;
  readonly paths: readonly string[];
  /** Keep the JSON text as it is, whatever it is. */
  readonly json: boolean;
  /** A delivery none of whose records has the field is refused. */
  readonly expected: boolean;
}

/** Where a column's value is in a record: its `header`, or its name. */
export function pathsOf(name: string, { header = name }: Columns[string]): readonly string[] {
  return typeof header === 'string' ? [header] : header;
}

/** The fields of a contract's columns in their order, then those only the transform reads. */
export function apiFields(
  columns: Columns,
  options: {
    readonly transformed: boolean;
    readonly extra: readonly string[];
    readonly mayLack: boolean;
  },
): ApiField[] {
  const fields = Object.entries(columns ?? {}).map(([name, column]): ApiField => {
    const paths = pathsOf(name, column);
    return {
      label: paths[0] ?? name,
      paths,
      json: column.type === 'json',
      // A transform may make the column from others.
      expected: !options.transformed && !options.mayLack,
    };
  });
  const extra = options.extra.map((path): ApiField => ({
    label: path,
    paths: [path],
    json: false,
    expected: !options.mayLack,
  }));
  return [...fields, ...extra];
}

/** Notes which fields the records of a delivery have, null or not. */
export interface Presence {
  readonly see: (spans: Int32Array) => void;
  /** Keeps an array of records, of which a refusal lists the fields. */
  readonly keepSample: (records: Buffer) => void;
  /**
   * Throws `missing-label` for fields that not one record had: one was renamed or misspelt, and nulls
   * would hide it.
   */
  readonly check: (where: string) => void;
}

export function createPresence(fields: readonly ApiField[]): Presence {
  const found = fields.map(() => false);
  let records = 0;
  let sample: Buffer | undefined;
  return {
    see: (spans) => {
      records += 1;
      for (let index = 0; index < found.length; index += 1) {
        if (spans[index * 2] !== -1) found[index] = true;
      }
    },
    keepSample: (bytes) => {
      sample ??= Buffer.from(bytes);
    },
    check: (where) => {
      if (records === 0) return;
      const absent = fields.filter((field, index) => field.expected && found[index] !== true);
      if (absent.length > 0) throw missingFields(absent, where, sample ?? Buffer.from('[]'));
    },
  };
}

function missingFields(absent: readonly ApiField[], where: string, sample: Buffer): PlumblineError {
  let paths: string[] = [];
  scanArray(sample, 0, (start, _end, index) => {
    if (index < 20) paths = [...new Set([...paths, ...listPaths(sample, start)])];
  });
  const problems = absent.map((field) => {
    const meant = suggest(field.label, paths);
    return `'${field.label}'${meant === undefined ? '' : ` (did you mean '${meant}'?)`}`;
  });
  return new PlumblineError('missing-label', {
    message: `No record of ${where} has ${problems.join(', ')}; the records have ${listNames(paths)}.`,
    remedy:
      "Correct the column's `header` in the source's file; if the API leaves out fields without a value, add absentFields: 'empty'.",
  });
}
