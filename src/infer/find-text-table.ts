import { PlumblineError } from '../errors.ts';
import { parseCsvOptions } from '../source/csv/csv-options.ts';
import { detectDelivery } from '../source/csv/detect-delivery.ts';
import type { DetectedText } from '../source/csv/detect-text.ts';
import { type Guess, percentOf, sureEnough } from '../source/csv/guess.ts';
import { readCsv } from '../source/csv/read-csv.ts';
import type { Header } from '../source/header.ts';
import type { LandedDelivery } from '../source/source.ts';
import type { Question } from './inferred.ts';
import {
  type CsvSettings,
  type Fact,
  type Given,
  headerRows,
  joinedQuestion,
  type TableFile,
} from './table-file.ts';

/** Below it a first row is taken for values rather than labels. */
const headerConfidence = 0.75;

/**
 * Finds the table of a text file, packed or not. Throws as `detectDelivery` does, `encoding-error`
 * when it is text of no known encoding, `format-error` when it is no table.
 */
export async function findTextTable(
  landed: LandedDelivery,
  given: Given,
  signal: AbortSignal,
): Promise<TableFile> {
  const { encoding, delimiter } = given;
  // Checked as a source's options are.
  checkGiven(given);
  const text = await detectDelivery(landed, { encoding, delimiter });
  checkText(text, landed.name);
  const header = headerOf(text, given);
  const settings: CsvSettings = {
    ...(text.delimiter.value === ',' ? {} : { delimiter: text.delimiter.value }),
    ...(text.quote === '"' ? {} : { quote: text.quote }),
    ...(text.encoding.value === 'utf-8' ? {} : { encoding: text.encoding.value }),
    ...(header.header === undefined ? {} : { header: header.header }),
    ...(text.comment === undefined ? {} : { comment: text.comment }),
  };
  return {
    settings: { builder: 'csv', ...settings },
    facts: factsOf(text, header.row),
    questions: [
      ...unclear('encoding', text.encoding, 'encoding'),
      ...unclear('delimiter', text.delimiter, 'delimiter'),
      ...header.questions,
    ],
    open: () =>
      readCsv(landed, parseCsvOptions({ from: nowhere, columns: {}, ...settings }), signal),
  };
}

/** A source has a place; what is read here is known already. */
const nowhere = { kind: 'file', description: 'a file', list: async function* list() {} };

function checkGiven({ encoding, delimiter }: Given): void {
  try {
    parseCsvOptions({
      from: nowhere,
      columns: {},
      ...(encoding === undefined ? {} : { encoding }),
      ...(delimiter === undefined ? {} : { delimiter }),
    });
  } catch (error) {
    if (!(error instanceof PlumblineError)) throw error;
    throw new PlumblineError('usage', { message: error.message.replace('csv(): ', '--') });
  }
}

function checkText({ encoding, records }: DetectedText, name: string): void {
  if (encoding.value === 'unknown') {
    const [likely] = encoding.others;
    const may = encoding.others.map(({ value, why }) => `${value} (${why})`).join(', or ');
    throw new PlumblineError('encoding-error', {
      message:
        likely === undefined
          ? `${name} is text of no encoding that is known here, or no text at all: ${encoding.why}.`
          : `${name}: its encoding cannot be told for sure: ${encoding.why}. It may be ${may}.`,
      remedy:
        likely === undefined
          ? 'If it is text, ask the sender for its encoding and pass it: --encoding NAME.'
          : `Pass the one that reads right, or ask the sender: --encoding ${likely.value}.`,
    });
  }
  const cells = records
    .slice(0, 100)
    .flatMap((record) => record.cells)
    .join('');
  const controls = cells.match(/(?![\t\n\r\f\v])[\p{Cc}\u{FFFD}]/gu)?.length ?? 0;
  if (controls > 0.01 * cells.length) {
    throw new PlumblineError('format-error', {
      message: `${name} is no text: ${controls} of its first ${cells.length} characters are none that people write.`,
      remedy: 'Look at what it is; preview reads CSV and other delimited text, and workbooks.',
    });
  }
}

interface FoundHeader {
  /** As a source declares it; undefined for the default, the first row that is not blank. */
  readonly header: Header | undefined;
  /** For people. */
  readonly row: string;
  readonly questions: readonly Question[];
}

function headerOf(text: DetectedText, { headerRow }: Given): FoundHeader {
  const { header, records } = text;
  const [first] = records;
  if (headerRow !== undefined) {
    // Who names the row means that row: the next may be the first of the table.
    return { header: headerRows(headerRow, 1), row: `row ${headerRow}`, questions: [] };
  }
  if (header.value !== undefined) {
    const { row, rows } = header.value;
    const isFirst = row === first?.row && rows === 1;
    const declared = isFirst ? undefined : headerRows(row, rows);
    const isSure = header.confidence >= headerConfidence;
    return {
      header: declared,
      row: rows === 1 ? `row ${row}` : `rows ${row} to ${row + rows - 1}, joined`,
      questions: isSure
        ? rows === 1
          ? []
          : [joinedQuestion(row, rows)]
        : [{ text: `Row ${row} is taken for the labels: ${header.why}.`, readings: [] }],
    };
  }
  if (header.confidence < headerConfidence || first === undefined) {
    return {
      header: undefined,
      row: `row ${first?.row ?? 1}`,
      questions: [
        {
          text: `Row ${first?.row ?? 1} is taken for the labels, but ${header.why}. If they stand elsewhere: --header ROW.`,
          readings: [],
        },
      ],
    };
  }
  const width = Math.max(...records.map(({ cells }) => cells.length));
  const names = Array.from({ length: width }, (_, index) => `column ${index + 1}`);
  return {
    header: { names },
    row: 'none',
    questions: [
      {
        text: `No row of labels: ${header.why}. The columns are named column 1 to column ${width}; give them names, or say where the labels stand: --header ROW.`,
        readings: [],
      },
    ],
  };
}

/** A guess that a source would not act on by itself is a question. */
function unclear(option: string, guess: Guess<string>, what: string): Question[] {
  if (guess.confidence >= sureEnough) return [];
  // Two ways to quote at one delimiter are one answer here.
  const seen = new Set(['unknown', guess.value]);
  const others = guess.others
    .filter(({ value }) => !seen.has(value) && seen.add(value))
    .slice(0, 3)
    .map(({ value, confidence }) => `${JSON.stringify(value)} (${percentOf(confidence)})`);
  return [
    {
      text: `The ${what} is taken for ${JSON.stringify(guess.value)} (${percentOf(guess.confidence)}: ${guess.why})${others.length === 0 ? '' : `; it may be ${others.join(' or ')}`}. If that is wrong: --${option}.`,
      readings: [],
    },
  ];
}

const delimiterNames: Readonly<Record<string, string>> = {
  ',': 'comma',
  ';': 'semicolon',
  '\t': 'tab',
  '|': 'bar',
};

function factsOf(text: DetectedText, headerRow: string): Fact[] {
  const { encoding, delimiter, header, comment, lineEnd } = text;
  const name = delimiterNames[delimiter.value];
  const facts: Fact[] = [
    fact('Encoding', encoding.value, encoding),
    fact(
      'Delimiter',
      name === undefined
        ? JSON.stringify(delimiter.value)
        : `${name} ${JSON.stringify(delimiter.value)}`,
      delimiter,
    ),
    fact('Labels', headerRow, header),
  ];
  if (text.quote !== '"') {
    facts.push({ ...certain('Quote'), value: text.quote === null ? 'none' : text.quote });
  }
  if (comment !== undefined) facts.push({ ...certain('Comments'), value: `lines with ${comment}` });
  if (lineEnd === 'mixed') facts.push({ ...certain('Line ends'), value: 'of several kinds' });
  return facts;
}

const certain = (what: string): Omit<Fact, 'value'> => ({
  what,
  confidence: undefined,
  why: undefined,
});

const fact = (what: string, value: string, { confidence, why }: Guess<unknown>): Fact => ({
  what,
  value,
  confidence,
  why,
});
