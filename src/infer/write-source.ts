import type { ColumnSpec } from '../contract/column.ts';
import type { FilePreview } from './infer-file.ts';
import type { InferredColumn, Question } from './inferred.ts';
import { type Call, type Code, printCode, printComment } from './print-code.ts';

/** Where the file lies for the source. */
export interface SourcePlace {
  /** What `folder()` is given: a path under the project, with `*` for what changes from file to file. */
  readonly path: string;
  /** Why the path is what it is, where it is more than the file's own. */
  readonly comment: string | undefined;
}

/** The source's file, in TypeScript as oxfmt formats it; what is unsure is a comment where it matters. */
export function writeSource(preview: FilePreview, place: SourcePlace): string {
  const { settings, questions, keys, controlTotals, leftOut, proofs, check, name } = preview;
  const { builder, ...options } = settings;
  const lines: string[] = [];
  const entry = (key: string, value: Code): void => {
    lines.push(`  ${key}: ${printCode(value, '  ', { before: key.length + 4 })},\n`);
  };
  if (place.comment !== undefined) lines.push(printComment(place.comment, '  '));
  entry('from', { call: 'folder', arguments: [place.path] });
  for (const [key, value] of Object.entries(options)) {
    if (key === 'totalsRow')
      for (const proof of proofs) lines.push(printComment(sentence(proof), '  '));
    // The cast: settings hold nothing but texts, numbers, patterns, lists and objects of them.
    entry(key, value as Code);
  }
  lines.push('  columns: {\n', ...preview.columns.map(printColumn));
  for (const left of leftOut)
    lines.push(printComment(`unsure: ${left}; it is not loaded.`, '    '));
  lines.push('  },\n');
  const [key] = keys;
  if (key !== undefined && key.isClear) {
    lines.push(printComment(sentence(key.why), '  '));
    entry('key', key.columns);
  } else if (key !== undefined) {
    const columns = key.columns.map((each) => `'${each}'`).join(', ');
    lines.push(printComment(`unsure: key: [${columns}]? ${sentence(key.why)}`, '  '));
  }
  if (controlTotals.length > 0) entry('controlTotals', controlTotals);
  const head = questions.map((question) => printQuestion(question, ''));
  return [
    `import { column, ${builder}, folder } from 'plumbline';\n\n`,
    `/** Written by plumbline preview from ${name.replaceAll('*/', '* /')}, ${check.rows} rows. */\n`,
    ...head,
    `export default ${builder}({\n`,
    ...lines,
    '});\n',
  ].join('');
}

const sentence = (text: string): string =>
  `${text.charAt(0).toUpperCase()}${text.slice(1)}${/[.?]$/u.test(text) ? '' : '.'}`;

function printColumn(column: InferredColumn): string {
  const { name, questions } = column;
  const comments = questions.map((question) => printQuestion(question, '    ', column));
  const start = `    ${name}: `;
  const code = printCode(columnCall(column, column.spec), '    ', { before: start.length });
  return `${comments.join('')}${start}${code},\n`;
}

function printQuestion(question: Question, indent: string, column?: InferredColumn): string {
  const lines = [printComment(`unsure: ${question.text}`, indent)];
  for (const { spec, means } of question.readings) {
    const code =
      column === undefined ? '' : printCode(columnCall(column, spec), '', { before: -1e9 });
    lines.push(printComment(`- ${code} if ${means}`, indent, '  '));
  }
  return lines.join('');
}

/** `column.decimal(12, 2, { header: 'Amount', required: true })`. */
export function columnCall(
  { label, needsHeader, spec: own }: InferredColumn,
  spec: ColumnSpec,
): Call {
  const { type, ...given } = spec;
  const options: Record<string, Code> = {
    ...(needsHeader ? { header: label } : {}),
    ...codeOf(given),
    ...(own.required === true ? { required: true } : {}),
  };
  const { precision, scale, values, ...rest } = options;
  const leading: Code[] =
    type === 'decimal' ? [precision ?? 12, scale ?? 2] : type === 'one-of' ? [values ?? []] : [];
  const last: Code[] = Object.keys(rest).length === 0 ? [] : [rest];
  return { call: `column.${type === 'one-of' ? 'oneOf' : type}`, arguments: [...leading, ...last] };
}

const optionOrder = [
  'format',
  'percent',
  'decimalMark',
  'thousandsMark',
  'symbols',
  'trueValues',
  'falseValues',
  'min',
  'missing',
  'required',
];

/** Options in the order in which they are written, without those that are not set. */
function codeOf(options: object): Record<string, Code> {
  // The cast: options of inferred columns are texts, numbers, booleans and lists of texts.
  const entries = Object.entries(options).filter(([, value]) => value !== undefined) as [
    string,
    Code,
  ][];
  const place = ([key]: [string, Code]): number => optionOrder.indexOf(key);
  return Object.fromEntries(entries.toSorted((a, b) => place(a) - place(b)));
}
