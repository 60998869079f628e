import type { FilePreview } from '../infer/infer-file.ts';
import type { Question } from '../infer/inferred.ts';
import { printCode } from '../infer/print-code.ts';
import { columnCall } from '../infer/write-source.ts';

const codeOf = (code: Parameters<typeof printCode>[0]): string =>
  printCode(code, '', { before: Number.NEGATIVE_INFINITY });

/** What `plumbline preview --json` prints; `docs/cli.md` documents it. */
export function describePreview(
  preview: FilePreview,
  written: { readonly source: string; readonly file: string } | undefined,
): unknown {
  const { name, facts, settings, columns, leftOut, check, keys, questions } = preview;
  const { builder, ...options } = settings;
  return {
    file: name,
    builder,
    facts,
    options: Object.fromEntries(Object.entries(options).map(([key, value]) => [key, plain(value)])),
    rows: { ...check, skipped: preview.skipped, noticed: preview.noticed, all: !preview.isCut },
    columns: columns.map((column) => ({
      name: column.name,
      label: column.label,
      type: column.spec.type,
      declared: codeOf(columnCall(column, column.spec)),
      sure: column.questions.length === 0,
      cells: column.cells,
      filled: column.filled,
      examples: column.examples,
      notes: column.notes,
      questions: column.questions.map(({ text, readings }) => ({
        text,
        readings: readings.map(({ spec, means }) => ({
          declared: codeOf(columnCall(column, spec)),
          means,
        })),
      })),
    })),
    leftOut,
    keys,
    controlTotals: preview.controlTotals,
    proofs: preview.proofs,
    unsure: questions.map(({ text }: Question) => text),
    head: { labels: preview.labels, rows: preview.head },
    written: written === undefined ? null : { source: written.source, file: written.file },
  };
}

/** JSON has no patterns. */
function plain(value: unknown): unknown {
  if (value instanceof RegExp) return String(value);
  if (Array.isArray(value)) return value.map(plain);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, plain(each)]));
}
