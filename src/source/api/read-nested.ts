import type { RowFault } from '../../contract/row-codes.ts';
import { suggest } from '../../contract/suggest.ts';
import { PlumblineError } from '../../errors.ts';
import type { LandedDelivery, RecordChunk, RecordFate, RecordStream } from '../source.ts';
import { type ApiField, createPresence, type Presence } from './api-fields.ts';
import { jsonKind, scanArray, scanDocument, scanValue } from './json-bytes.ts';
import { addFault, counted, excerpt, jsonChunk, recordsPerChunk } from './json-chunk.ts';
import {
  compileFields,
  createFieldSpans,
  findFields,
  type FieldSpans,
  type FieldTree,
  followPath,
  listNames,
  listPaths,
} from './json-fields.ts';
import { type LandedPage, readPages } from './landed-pages.ts';
import { createUnnamedFields, type UnnamedFields } from './unnamed-fields.ts';

/** Where the columns of a child table are. */
export interface NestedFields {
  /** The name of the table under its source. */
  readonly name: string;
  /** The path of the array in the record around. */
  readonly path: string;
  /** Fields of the record around: the columns that name it. */
  readonly parent: readonly ApiField[];
  /** The column that counts the elements of an array from 1, when there is one. */
  readonly position: string | undefined;
  /** Fields of the elements. */
  readonly own: readonly ApiField[];
  /** Whether all records may lack the array. */
  readonly mayLack: boolean;
  /** Fields that no column stands for are refused. */
  readonly strict: boolean;
}

interface NestedReading {
  readonly landed: LandedDelivery;
  readonly nested: NestedFields;
  readonly fateOf: (record: number) => RecordFate;
  readonly signal: AbortSignal;
}

/**
 * Reads the records nested in those of a landing file. The rows of a record that was rejected are
 * rejected with it; those of one that the delivery has again further on are passed over. Throws as
 * `readLanded` does.
 */
export function readNested(reading: NestedReading): RecordStream {
  const { parent, position, own } = reading.nested;
  const skipped = { records: 0 };
  const header = [...parent.map((field) => field.label), ...own.map((field) => field.label)];
  if (position !== undefined) header.splice(parent.length, 0, position);
  return {
    header,
    chunks: readChunks(reading, skipped),
    summary: () => ({
      skipped: skipped.records === 0 ? {} : { 'repeated-record': skipped.records },
      totals: {},
    }),
  };
}

async function* readChunks(
  reading: NestedReading,
  skipped: { records: number },
): AsyncIterable<RecordChunk> {
  const { landed, nested, signal, fateOf } = reading;
  const around = compileFields([...nested.parent.map((field) => field.paths), [nested.path]]);
  const position: readonly ApiField[] =
    nested.position === undefined
      ? []
      : [{ label: nested.position, paths: [], json: false, expected: false }];
  const walk: Walk = {
    nested,
    around,
    found: createFieldSpans(around),
    element: compileFields(nested.own.map((field) => field.paths)),
    elementFound: createFieldSpans(compileFields(nested.own.map((field) => field.paths))),
    presence: createPresence(nested.own),
    unnamed: nested.strict
      ? createUnnamedFields(
          nested.own.flatMap((field) => field.paths),
          landed.name,
        )
      : undefined,
    fields: [...nested.parent, ...position, ...nested.own],
    fateOf,
    skipped,
  };
  let first: Buffer | undefined;
  let arrays = 0;
  for await (const page of readPages(landed, signal)) {
    const [start] = page.starts;
    if (start !== undefined) {
      first ??= Buffer.from(page.line.subarray(start, scanValue(page.line, start)));
    }
    const rows = createRows(page, walk.fields);
    for (const [index, start] of page.starts.entries()) {
      if (walkRecord(walk, rows, { page, start, record: page.recordsBefore + index + 1 })) {
        arrays += 1;
      }
      if (rows.starts.length >= recordsPerChunk) yield rows.take();
    }
    if (rows.starts.length > 0) yield rows.take();
  }
  if (first !== undefined && arrays === 0 && !nested.mayLack) throw noArrays(nested, landed, first);
  walk.presence.check(landed.name);
}

function noArrays(
  { path, name }: NestedFields,
  landed: LandedDelivery,
  sample: Buffer,
): PlumblineError {
  const start = scanDocument(sample);
  const around = arrayOnTheWay(sample, start, path);
  if (around !== undefined) {
    return new PlumblineError('missing-label', {
      message: `${landed.name}: '${path}' leads through '${around}', which is an array itself; a child table is of one array of each record.`,
      remedy: `Make '${around}' the path of a child table, and '${path.slice(around.length + 1)}' a column.json() of it, which a model can take apart.`,
    });
  }
  const paths = listPaths(sample, start);
  const meant = suggest(path, paths);
  return new PlumblineError('missing-label', {
    message: `${landed.name}: no record has '${path}', where they should be${meant === undefined ? '' : ` (did you mean '${meant}'?)`}; the first record has ${listNames(paths)}.`,
    remedy: `Correct \`children.${name}.path\` in the source's file; if the API leaves out empty arrays, add absentFields: 'empty'.`,
  });
}

/** The part of a path that leads to an array and not beyond. */
function arrayOnTheWay(sample: Buffer, start: number, path: string): string | undefined {
  const result = followPath(sample, start, path);
  if (result.found || result.reached === '') return undefined;
  const reached = followPath(sample, start, result.reached);
  return reached.found && jsonKind(sample, reached.start) === 'array' ? result.reached : undefined;
}

/** What walking through the records of a delivery needs, made once. */
interface Walk {
  readonly nested: NestedFields;
  readonly around: FieldTree;
  readonly found: FieldSpans;
  readonly element: FieldTree;
  readonly elementFound: FieldSpans;
  readonly presence: Presence;
  readonly unnamed: UnnamedFields | undefined;
  readonly fields: readonly ApiField[];
  readonly fateOf: (record: number) => RecordFate;
  readonly skipped: { records: number };
}

/** Adds the rows nested in a record; whether it has the field they are in, null or not. */
function walkRecord(
  walk: Walk,
  rows: Rows,
  place: { readonly page: LandedPage; readonly start: number; readonly record: number },
): boolean {
  const { nested, found, fateOf } = walk;
  const { line } = place.page;
  findFields(walk.around, line, place.start, found);
  const at = nested.parent.length * 2;
  const from = found.spans[at] ?? -1;
  if (from < 0) return false;
  const kind = jsonKind(line, from);
  if (kind === 'null') return true;
  const fate = fateOf(place.record);
  if (kind !== 'array') {
    // What is there is no list of anything: one row, rejected, says so.
    if (fate === 'repeated') walk.skipped.records += 1;
    else
      rows.add(found.spans, undefined, {
        start: from,
        record: place.record - place.page.recordsBefore,
        position: 1,
        fault: noArray(nested, line, from),
      });
    return true;
  }
  walk.presence.keepSample(line.subarray(from, found.spans[at + 1]));
  scanArray(line, from, (start, _end, index) => {
    findFields(walk.element, line, start, walk.elementFound);
    walk.presence.see(walk.elementFound.spans);
    walk.unnamed?.check(
      line,
      start,
      `${nested.name} ${index + 1} of record ${place.record - place.page.recordsBefore} of page ${place.page.number}`,
    );
    if (fate === 'repeated') {
      walk.skipped.records += 1;
      return;
    }
    rows.add(found.spans, walk.elementFound.spans, {
      start,
      record: place.record - place.page.recordsBefore,
      position: index + 1,
      fault: fate === 'rejected' ? orphan(nested, line, found.spans) : undefined,
    });
  });
  return true;
}

function noArray(nested: NestedFields, line: Buffer, start: number): RowFault {
  return {
    code: 'format-error',
    column: null,
    value: excerpt(line, start),
    expected: `an array of ${nested.name} at '${nested.path}'`,
  };
}

function orphan({ parent }: NestedFields, line: Buffer, spans: Int32Array): RowFault {
  const from = spans[0] ?? -1;
  return {
    code: 'foreign-key',
    column: parent[0]?.label ?? null,
    value: from < 0 ? null : excerpt(line, from).replace(/^"(.*)"$/u, '$1'),
    expected: 'the record it belongs to, which was rejected',
  };
}

interface Rows {
  readonly starts: number[];
  readonly add: (
    parent: Int32Array,
    own: Int32Array | undefined,
    row: {
      readonly start: number;
      /** Counted on the page, from 1. */
      readonly record: number;
      readonly position: number;
      readonly fault: RowFault | undefined;
    },
  ) => void;
  /** The rows so far as a chunk; the next ones begin another. */
  readonly take: () => RecordChunk;
}

/** Collects the rows of a page. */
function createRows({ line, number }: LandedPage, fields: readonly ApiField[]): Rows {
  const width = fields.length * 2;
  const starts: number[] = [];
  let spans = new Int32Array(64 * width);
  let faults = new Map<number, RowFault[]>();
  const records: number[] = [];
  const positions: number[] = [];
  return {
    starts,
    add: (parent, own, { start, record, position, fault }) => {
      const row = starts.length;
      if ((row + 1) * width > spans.length) {
        const larger = new Int32Array(spans.length * 2);
        larger.set(spans);
        spans = larger;
      }
      const ownAt = width - (own?.length ?? 0);
      // The last of the record around is the array itself.
      const parentCells = parent.length - 2;
      spans.fill(-1, row * width, (row + 1) * width);
      spans.set(parent.subarray(0, parentCells), row * width);
      if (own !== undefined) {
        spans.set(own, row * width + ownAt);
        if (ownAt > parentCells) spans.set([counted, position], row * width + parentCells);
      }
      if (fault !== undefined) addFault(faults, row, fault);
      starts.push(start);
      records.push(record);
      positions.push(position);
    },
    take: () => {
      const chunk = jsonChunk({
        line,
        fields,
        count: starts.length,
        spans,
        starts: [...starts],
        sheet: `page ${number}`,
        lines: Float64Array.from(positions),
        around: Int32Array.from(records),
        faults,
      });
      for (const list of [starts, records, positions]) list.length = 0;
      faults = new Map();
      return chunk;
    },
  };
}
