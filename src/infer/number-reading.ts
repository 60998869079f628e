import type { SeenCell, ShapeCounts } from './shape-counts.ts';

export type DecimalMark = '.' | ',';
export type GroupMark = ',' | '.' | ' ' | "'";

/** How the texts of a column are read as numbers. */
export interface NumberMarks {
  /** Undefined where no number has decimals. */
  readonly decimalMark: DecimalMark | undefined;
  readonly thousandsMark: GroupMark | undefined;
}

/** What the texts of a column say about their marks. */
export type MarksFinding =
  /** No number has any marks, or some of them prove what the others mean. */
  | {
      readonly state: 'decided';
      readonly marks: NumberMarks;
      /** The cells that prove it. */
      readonly proofs: readonly SeenCell[];
    }
  /** Every mark can be read both ways: `1.234`. */
  | { readonly state: 'open'; readonly mark: DecimalMark; readonly cell: SeenCell }
  /** Some cells prove one reading, some another. */
  | { readonly state: 'mixed'; readonly cells: readonly [SeenCell, SeenCell] };

/** The texts of a column that are numbers, however they are meant. */
export interface NumberTexts {
  readonly count: number;
  readonly finding: MarksFinding;
  /** Texts stripped before or after numbers: `€`, `EUR`. */
  readonly symbols: readonly string[];
  /** Numbers with a percent sign. */
  readonly percents: number;
  /** Most digits before and behind the decimal mark. */
  readonly wholeMax: number;
  readonly fractionMax: number;
  /** Whole numbers of several digits that start with a zero. */
  readonly leadingZeros: number;
  /** Numbers with a minus, wherever it stands, or in parentheses. */
  readonly negatives: number;
  /** Numbers with a plus in front. */
  readonly plus: number;
  readonly first: SeenCell | undefined;
}

interface NumberShape {
  readonly counts: ShapeCounts;
  /** Digits and marks only: `1.3,9`. */
  readonly core: string;
}

const sign = String.raw`[-+\u{2212}]`;
const money = String.raw`(?:\{[^}]*\}[.$]?|[€$£¥₹₺₽₩₪฿%])`;
const number = String.raw`[.,]?[01349](?:[.,' ][349])*`;
/** A sign or parentheses, with a symbol before, within or behind it: `(€ 5)`, `(5) €`, `€ -5`, `5- €`. */
const numberPattern = new RegExp(
  String.raw`^(${money})? ?(${sign}|\()? ?(${money})? ?(${number})[.,]? ?(${money})? ?([-)\u{2212}])? ?(${money})?$`,
  'u',
);

/** The texts that can be numbers. What is not is left to other readings of the column. */
export function readNumberShapes(shapes: readonly ShapeCounts[]): NumberTexts {
  const symbols = new Set<string>();
  const found: NumberShape[] = [];
  let plus = 0;
  let percents = 0;
  let negatives = 0;
  for (const counts of shapes) {
    const match = numberPattern.exec(counts.pattern);
    if (match === null || !hasBalancedSign(counts.pattern)) continue;
    const [, first, before, second, core = '', third, , fourth] = match;
    if (marksOf(core) === 'none') continue;
    const around = [first, second, third, fourth].filter((each) => each !== undefined);
    for (const symbol of around) {
      if (symbol !== '%') symbols.add(symbol.replaceAll(/[{}]/gu, ''));
    }
    const signs = around.filter((each) => each === '%').length;
    if (signs > 1) continue;
    percents += signs * counts.count;
    if (/[-(\u{2212}]/u.test(counts.pattern)) negatives += counts.count;
    if (before === '+') plus += counts.count;
    found.push({ counts, core });
  }
  const finding = findMarks(found);
  const decimals = finding.state === 'decided' ? finding.marks.decimalMark : undefined;
  const digits = found.map((shape) => digitsOf(shape, decimals));
  return {
    count: found.reduce((sum, { counts }) => sum + counts.count, 0),
    finding,
    symbols: [...symbols],
    percents,
    wholeMax: Math.max(0, ...digits.map(({ whole }) => whole)),
    fractionMax: Math.max(0, ...digits.map(({ fraction }) => fraction)),
    leadingZeros: found
      .filter(({ core }) => !/[.,]/u.test(core))
      .reduce((sum, { counts }) => sum + counts.leadingZeros, 0),
    negatives,
    plus,
    first: found[0]?.counts.first,
  };
}

/** One sign at most: `-5-` is no number, nor is `(-5)`. */
function hasBalancedSign(pattern: string): boolean {
  const inParentheses = pattern.includes('(');
  if (inParentheses !== pattern.includes(')')) return false;
  const signs = (pattern.match(/[-+\u{2212}]/gu) ?? []).length + (inParentheses ? 1 : 0);
  return signs <= 1;
}

type Evidence =
  | { readonly decimal: DecimalMark; readonly group: GroupMark | undefined }
  | { readonly decimal: undefined; readonly group: GroupMark }
  | { readonly open: DecimalMark }
  | 'plain'
  /** No valid number in any reading, such as `1.23.4`. */
  | 'none';

/** What a number's marks say by themselves. */
function marksOf(core: string): Evidence {
  if (/^[.,]/u.test(core)) {
    return /^[.,]\d$/u.test(core) ? { decimal: asDecimal(core[0]), group: undefined } : 'none';
  }
  const runs = core.split(/[.,' ]/u);
  const marks = [...core.matchAll(/[.,' ]/gu)].map(([mark]) => mark);
  const [first = ''] = runs;
  const [mark] = marks;
  if (mark === undefined) return 'plain';
  const last = marks.at(-1);
  const groups = marks.length > 1 && last !== mark ? marks.slice(0, -1) : marks;
  const isGrouped =
    first === '1' && groups.every((each, at) => each === mark && runs[at + 1] === '3');
  if (marks.length > 1) {
    if (!isGrouped) return 'none';
    if (last === mark) return { decimal: undefined, group: asGroup(mark) };
    return last === '.' || last === ',' ? { decimal: last, group: asGroup(mark) } : 'none';
  }
  if (mark === ' ' || mark === "'") return isGrouped ? { decimal: undefined, group: mark } : 'none';
  return isGrouped ? { open: asDecimal(mark) } : { decimal: asDecimal(mark), group: undefined };
}

const asDecimal = (mark: string | undefined): DecimalMark => (mark === ',' ? ',' : '.');
const asGroup = (mark: string): GroupMark =>
  mark === ',' || mark === ' ' || mark === "'" ? mark : '.';

/** Decides what marks mean by the cells in which they have one reading. */
function findMarks(shapes: readonly NumberShape[]): MarksFinding {
  const decimals = new Map<DecimalMark, SeenCell>();
  const groups = new Map<GroupMark, SeenCell>();
  const open = new Map<DecimalMark, SeenCell>();
  for (const { counts, core } of shapes) {
    const evidence = marksOf(core);
    if (evidence === 'plain' || evidence === 'none') continue;
    if ('open' in evidence) keep(open, evidence.open, counts.first);
    else {
      if (evidence.decimal !== undefined) keep(decimals, evidence.decimal, counts.first);
      if (evidence.group !== undefined) keep(groups, evidence.group, counts.first);
    }
  }
  const conflict =
    two([...decimals.values()]) ??
    two([...groups.values()]) ??
    crossed(decimals, groups) ??
    (decimals.size + groups.size === 0 ? two([...open.values()]) : undefined);
  if (conflict !== undefined) return { state: 'mixed', cells: conflict };
  const [decimal] = decimals.keys();
  const [group] = groups.keys();
  const proofs = [...new Set([...decimals.values(), ...groups.values()])];
  const settled = settle({ decimal, group }, open);
  if (settled === undefined) {
    const [[mark, cell] = []] = open;
    if (mark !== undefined && cell !== undefined) return { state: 'open', mark, cell };
  }
  return {
    state: 'decided',
    marks: settled ?? { decimalMark: decimal, thousandsMark: group },
    proofs,
  };
}

/** What cells with two readings mean beside those with one; undefined when those say nothing. */
function settle(
  {
    decimal,
    group,
  }: { readonly decimal: DecimalMark | undefined; readonly group: GroupMark | undefined },
  open: ReadonlyMap<DecimalMark, SeenCell>,
): NumberMarks | undefined {
  let marks: NumberMarks = { decimalMark: decimal, thousandsMark: group };
  for (const mark of open.keys()) {
    const { decimalMark, thousandsMark } = marks;
    if (decimalMark === undefined && thousandsMark === undefined) return undefined;
    if (mark === decimalMark || mark === thousandsMark) continue;
    if (decimalMark === undefined) marks = { decimalMark: mark, thousandsMark };
    else if (thousandsMark === undefined) marks = { decimalMark, thousandsMark: mark };
    else return undefined;
  }
  return marks;
}

function keep<K>(map: Map<K, SeenCell>, key: K, cell: SeenCell): void {
  if (!map.has(key)) map.set(key, cell);
}

function two(cells: readonly SeenCell[]): readonly [SeenCell, SeenCell] | undefined {
  const [first, second] = cells;
  return first === undefined || second === undefined ? undefined : [first, second];
}

/** The same mark proven to be the decimal mark by one cell, and to group digits by another. */
function crossed(
  decimals: ReadonlyMap<DecimalMark, SeenCell>,
  groups: ReadonlyMap<GroupMark, SeenCell>,
): readonly [SeenCell, SeenCell] | undefined {
  for (const [mark, cell] of decimals) {
    const other = groups.get(mark);
    if (other !== undefined) return [cell, other];
  }
  return undefined;
}

/** Most digits before and behind the decimal mark of a shape. */
function digitsOf(
  { counts, core }: NumberShape,
  decimalMark: DecimalMark | undefined,
): { whole: number; fraction: number } {
  const marks = [...core.matchAll(/[.,' ]/gu)].map(([mark]) => mark);
  const lengths = counts.runs.map(({ lengthMax }) => lengthMax);
  const hasFraction = decimalMark !== undefined && marks.at(-1) === decimalMark;
  const fraction = hasFraction ? (lengths.at(-1) ?? 0) : 0;
  const whole = lengths.slice(0, hasFraction ? -1 : undefined);
  return { whole: whole.reduce((sum, each) => sum + each, 0), fraction };
}
