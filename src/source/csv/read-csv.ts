import { createFooterFilter, type FooterFilter } from '../footer.ts';
import type { LandedDelivery, ReadSummary, RecordChunk, RecordStream } from '../source.ts';
import { createTotalsFilter, type TotalsFilter } from '../totals-filter.ts';
import { type CsvHeader, headerDepth, takeHeader } from './csv-header.ts';
import type { CsvFormat } from './csv-options.ts';
import { resolveFormat } from './detect-delivery.ts';
import { type OpenText, openText } from './open-text.ts';
import { Tokenizer } from './tokenizer.ts';

/**
 * Reads a landed CSV file. The header is read at once; the file is opened again for the rows, so
 * that nothing stays open when they are never asked for. Throws as `resolveFormat`, `openText` and
 * `takeHeader` do.
 */
export async function readCsv(
  landed: LandedDelivery,
  declared: CsvFormat,
  signal: AbortSignal,
): Promise<RecordStream> {
  const { format, detected } = await resolveFormat(landed, declared);
  const { labels } = await withTokenizer(landed, format, (tokenizer) =>
    takeHeader(tokenizer, format, landed.name),
  );
  const totals = createTotalsFilter(format.totalsRow, labels, landed.name);
  const footer = createFooterFilter(format.footer, landed.name);
  let summary: ReadSummary = { skipped: {}, totals: {} };

  async function* chunks(): AsyncGenerator<RecordChunk> {
    const text = await openText(landed, format);
    try {
      const tokenizer = tokenizerOf(text, format, labels);
      const header = await takeHeader(tokenizer, format, landed.name);
      let chunk = header.rest ?? (await tokenizer.next());
      while (chunk !== undefined) {
        signal.throwIfAborted();
        for (const part of footer.split(chunk)) yield* totals.split(part);
        chunk = await tokenizer.next();
      }
      const read = summarize({ tokenizer, header, totals, footer });
      summary = detected.length === 0 ? read : { ...read, detected };
    } finally {
      await text.close();
    }
  }
  return { header: labels, chunks: chunks(), summary: () => summary };
}

async function withTokenizer<T>(
  landed: LandedDelivery,
  format: CsvFormat,
  use: (tokenizer: Tokenizer) => Promise<T>,
): Promise<T> {
  const text = await openText(landed, format);
  try {
    return await use(tokenizerOf(text, format));
  } finally {
    await text.close();
  }
}

const tokenizerOf = (text: OpenText, format: CsvFormat, labels?: readonly string[]): Tokenizer =>
  new Tokenizer(text.read, {
    dialect: format.dialect,
    keepFirst: headerDepth(format),
    decodedFrom: text.decodedFrom,
    labels,
  });

function summarize(read: {
  readonly tokenizer: Tokenizer;
  readonly header: CsvHeader;
  readonly totals: TotalsFilter;
  readonly footer: FooterFilter;
}): ReadSummary {
  const { tokenizer, header, totals, footer } = read;
  const counts = {
    'preamble-row': header.preambleRows,
    'header-row': header.headerRows,
    'blank-row': tokenizer.blankRows,
    'comment-row': tokenizer.commentRows,
    ...totals.skipped(),
    'footer-row': footer.count(),
  };
  return {
    skipped: Object.fromEntries(Object.entries(counts).filter(([, count]) => count > 0)),
    totals: totals.totals(),
    opening: totals.opening(),
  };
}
