import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { type FilePreview, inferFile } from '../../src/infer/infer-file.ts';
import type { Given } from '../../src/infer/table-file.ts';

/** Looks at content as a file of some name. */
export async function previewContent(
  content: string | Uint8Array,
  name = 'file.csv',
  given: Given = {},
): Promise<FilePreview> {
  const dir = await mkdtemp(join(tmpdir(), 'plumbline-infer-'));
  const path = join(dir, name);
  try {
    await writeFile(path, content);
    const landed = { path, name, slot: name, sizeBytes: Buffer.byteLength(content) };
    return await inferFile(landed, {
      given,
      headRows: 5,
      zone: 'UTC',
      signal: new AbortController().signal,
      onProgress: () => undefined,
    });
  } finally {
    await rm(dir, { recursive: true });
  }
}

/** The columns of a preview as they would be declared, by name. */
export const typesOf = ({ columns }: FilePreview): Record<string, unknown> =>
  Object.fromEntries(columns.map(({ name, spec }) => [name, spec]));

/** All questions, those of columns with their names. */
export const questionsOf = ({ columns, questions }: FilePreview): string[] => [
  ...questions.map(({ text }) => text),
  ...columns.flatMap((column) => column.questions.map(({ text }) => `${column.name}: ${text}`)),
];
