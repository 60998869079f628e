import { createReadStream } from 'node:fs';

import { PlumblineError } from '../../errors.ts';
import type { LandedDelivery } from '../source.ts';
import { scanArray } from './json-bytes.ts';
import { followPath } from './json-fields.ts';

/** A page of a landing file. */
export interface LandedPage {
  /** From 1. */
  readonly number: number;
  readonly line: Buffer;
  /** The array of its records, as JSON. */
  readonly records: Buffer;
  /** Where its records start in the line. */
  readonly starts: readonly number[];
  /** Records on the pages before. */
  readonly recordsBefore: number;
}

/**
 * The pages of the landing file of an API window, one in memory at a time. Throws `source-error` when
 * the file is not whole.
 */
export async function* readPages(
  landed: LandedDelivery,
  signal: AbortSignal,
): AsyncIterable<LandedPage> {
  const seen = { records: 0, pages: 0, ended: false };
  for await (const line of readLines(landed.path)) {
    signal.throwIfAborted();
    if (seen.ended) throw broken(landed, 'goes on after its end marker');
    if (followPath(line, 0, 'end').found) {
      checkEnd(landed, line, seen);
      seen.ended = true;
      continue;
    }
    seen.pages += 1;
    const records = followPath(line, 0, 'records');
    if (!records.found) throw broken(landed, `has a line ${seen.pages} that is no page`);
    const starts: number[] = [];
    scanArray(line, records.start, (start) => starts.push(start));
    const array = line.subarray(records.start, records.end);
    yield { number: seen.pages, line, records: array, starts, recordsBefore: seen.records };
    seen.records += starts.length;
  }
  if (!seen.ended) throw broken(landed, 'has no end marker: it was cut short');
}

/** Lines of a file as buffers; one is held at a time. */
async function* readLines(path: string): AsyncIterable<Buffer> {
  let parts: Buffer[] = [];
  for await (const part of createReadStream(path, { highWaterMark: 1024 * 1024 })) {
    // A stream without an encoding yields Buffers.
    let rest = part as Buffer;
    for (let at = rest.indexOf(0x0a); at >= 0; at = rest.indexOf(0x0a)) {
      parts.push(rest.subarray(0, at));
      yield parts.length === 1 ? rest.subarray(0, at) : Buffer.concat(parts);
      parts = [];
      rest = rest.subarray(at + 1);
    }
    if (rest.length > 0) parts.push(rest);
  }
  if (parts.length > 0)
    throw new PlumblineError('source-error', {
      message: `The landing file ${path} ends in the middle of a line.`,
    });
}

function checkEnd(
  landed: LandedDelivery,
  line: Buffer,
  seen: { readonly pages: number; readonly records: number },
): void {
  for (const name of ['pages', 'records'] as const) {
    const result = followPath(line, 0, name);
    const said = result.found ? line.toString('latin1', result.start, result.end) : 'nothing';
    if (said !== String(seen[name])) {
      throw broken(landed, `says ${said} ${name} at its end and holds ${seen[name]}`);
    }
  }
}

function broken(landed: LandedDelivery, problem: string): PlumblineError {
  return new PlumblineError('source-error', {
    message: `The landing file of ${landed.name} ${problem}.`,
    remedy: 'Remove the landing file named in the delivery and run again: it is fetched anew.',
  });
}
