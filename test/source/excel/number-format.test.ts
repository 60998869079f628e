import { expect, test } from 'vitest';

import {
  builtInFormat,
  type NumberFormat,
  parseNumberFormat,
} from '../../../src/source/excel/number-format.ts';

test.each<[string, NumberFormat]>([
  ['General', 'number'],
  ['0.00', 'number'],
  ['#,##0.00 "€";[Red]-#,##0.00 "€"', 'number'],
  ['#,##0.00\\ [$€-407]', 'number'],
  ['0.00E+00', 'number'],
  ['[Red]0', 'number'],
  ['[DBNum1]General', 'number'],
  ['0 "days"', 'number'],
  ['0_d', 'number'],
  ['@', 'number'],
  ['#\\h', 'number'],
  ['dd.mm.yyyy', 'date'],
  ['DD/MM/YYYY', 'date'],
  ['[$-407]d. mmm yyyy;@', 'date'],
  ['[$-F800]dddd\\,\\ mmmm\\ dd\\,\\ yyyy', 'date'],
  ['[Red]yyyy-mm-dd', 'date'],
  ['"Date: "yyyy\\-mm\\-dd', 'date'],
  ['mmm', 'date'],
  ['ge.m.d', 'date'],
  ['yyyy-mm-dd hh:mm:ss.000', 'date'],
  ['m/d/yy h:mm AM/PM', 'date'],
  ['h:mm AM/PM', 'time'],
  ['hh:mm:ss', 'time'],
  ['mm:ss.0', 'time'],
  ['[h]:mm', 'elapsed'],
  ['[mm]:ss', 'elapsed'],
  ['[hh]:mm:ss.000', 'elapsed'],
  ['', 'number'],
])('%j shows a %s', (code, format) => {
  expect(parseNumberFormat(code)).toBe(format);
});

test.each<[number, NumberFormat]>([
  [0, 'number'],
  [2, 'number'],
  [14, 'date'],
  [21, 'time'],
  [22, 'date'],
  [46, 'elapsed'],
  [49, 'number'],
  [58, 'date'],
])('the format number %i is a %s', (id, format) => {
  expect(builtInFormat(id)).toBe(format);
});
