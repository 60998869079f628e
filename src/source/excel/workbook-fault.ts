import { PlumblineError } from '../../errors.ts';

/**
 * Something in a workbook that no spreadsheet program writes. It is found deep in a part, where nobody
 * knows the file; on its way out `placed` says where.
 */
export class WorkbookFault extends PlumblineError {
  readonly #reason: string;
  readonly #places: readonly string[];

  /** `reason` goes on from "the workbook". */
  constructor(reason: string, remedy?: string, places: readonly string[] = []) {
    const where = places.length === 0 ? 'The workbook' : `${places.join(', ')}: the workbook`;
    super('format-error', { message: `${where} ${reason}.`, ...(remedy && { remedy }) });
    this.#reason = reason;
    this.#places = places;
  }

  within(place: string): WorkbookFault {
    return new WorkbookFault(this.#reason, this.remedy, [place, ...this.#places]);
  }
}

/** A part that is no XML, ends too early, or says what cannot be. */
export const brokenXml = (what = 'a part of it is not well-formed XML'): WorkbookFault =>
  new WorkbookFault(
    `is damaged: ${what}`,
    'Open it in Excel, which repairs it or says what is wrong, save it and deliver it again.',
  );

/** Bytes of a part for a message. */
export const shown = (bytes: Uint8Array, from: number, to: number): string =>
  Buffer.from(bytes.subarray(from, Math.min(to, from + 40))).toString('latin1');

/** The same error with a place before it: the row, then the sheet, then the file. */
export function placed(error: unknown, where: string): unknown {
  return error instanceof WorkbookFault ? error.within(where) : error;
}
