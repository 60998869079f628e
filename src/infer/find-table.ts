import { open } from 'node:fs/promises';

import { PlumblineError } from '../errors.ts';
import { fileKindOf } from '../source/file-kind.ts';
import type { LandedDelivery } from '../source/source.ts';
import { findSheetTable } from './find-sheet-table.ts';
import { findTextTable } from './find-text-table.ts';
import type { Given, TableFile } from './table-file.ts';

const headBytes = 4096;
const workbookNames = /\.(?:xlsx|xlsm|xltx|xltm|xls|xlt|xlsb|ods|fods)$/iu;
/** Names of parts that stand at the beginning of workbooks, which are zip archives. */
const workbookParts = /\[Content_Types\]\.xml|xl\/|_rels\/|mimetypeapplication\/vnd\.oasis/u;

/** Finds the table in a file of any kind, by its content first. Throws as the readers do, and `format-error` for JSON. */
export async function findTable(
  landed: LandedDelivery,
  given: Given,
  signal: AbortSignal,
): Promise<TableFile> {
  const { name } = landed;
  const head = await readStart(landed.path);
  if (head.length === 0) {
    throw new PlumblineError('format-error', {
      message: `${name} is empty: it has no header and no rows.`,
      remedy: 'Ask the sender for the file again; an empty one is usually a failed export.',
    });
  }
  const isBook = isWorkbook(head) || workbookNames.test(name);
  checkGiven(given, isBook);
  if (isBook) return findSheetTable(landed, given, signal);
  checkJson(head, name);
  return findTextTable(landed, given, signal);
}

async function readStart(path: string): Promise<Buffer> {
  const file = await open(path);
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(headBytes), 0, headBytes, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}

function isWorkbook(head: Buffer): boolean {
  const kind = fileKindOf(head);
  return kind === 'ole' || (kind === 'zip' && workbookParts.test(head.toString('latin1')));
}

function checkGiven({ sheet, encoding, delimiter }: Given, isBook: boolean): void {
  const wrong = isBook
    ? encoding !== undefined
      ? '--encoding'
      : delimiter !== undefined
        ? '--delimiter'
        : undefined
    : sheet !== undefined
      ? '--sheet'
      : undefined;
  if (wrong === undefined) return;
  throw new PlumblineError('usage', {
    message: `${wrong} is for ${isBook ? 'text files, and this is a workbook' : 'workbooks, and this is a text file'}.`,
  });
}

/** Documents of JSON come from APIs; there is no source of JSON files. */
function checkJson(head: Buffer, name: string): void {
  const text = head
    .toString('utf8')
    .replace(/^\u{FEFF}/u, '')
    .trimStart();
  const looksLikeJson = /^(?:\{\s*"|\[\s*[{[\]"])/u.test(text);
  if (!looksLikeJson || (!/\.(?:json|jsonl|ndjson)$/iu.test(name) && !/^[[{]\s*[{"]/u.test(text))) {
    return;
  }
  throw new PlumblineError('format-error', {
    message: `${name} is JSON, which preview does not read.`,
    remedy:
      'Records of an API are read from the API itself: see api() in docs/guide.md. For a file, ask the sender for CSV or a workbook.',
  });
}
