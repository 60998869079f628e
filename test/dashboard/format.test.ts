import { describe, expect, test } from 'vitest';

import { toCsv } from '../../src/dashboard/csv.ts';
import { createFormatter } from '../../src/dashboard/format.ts';

const british = createFormatter({ locale: 'en-GB', currency: 'EUR', zone: 'Europe/Vienna' });
const german = createFormatter({ locale: 'de-AT', currency: 'EUR', zone: 'Europe/Vienna' });

describe('numbers', () => {
  test('decimals no double can hold are written to the last digit', () => {
    expect(british.value('9007199254740993.01', 'money')).toBe('€9,007,199,254,740,993.01');
    expect(british.exact('123456789012345678901234567890.1234567890')).toBe(
      '123,456,789,012,345,678,901,234,567,890.1234567890',
    );
  });

  test.each([
    ['1234.5', 'money', '€1,234.50'],
    ['-0.005', 'money', '-€0.01'],
    ['-0.001', 'money', '€0.00'],
    ['0.1594', 'percent', '15.9%'],
    ['1234', 'integer', '1,234'],
    ['12.345', 'number', '12.35'],
    ['2026', undefined, '2026'],
    [null, 'money', '–'],
    ['NaN', 'money', 'NaN'],
    ['<b>', 'money', '<b>'],
  ] as const)('%s as %s is %s', (value, format, expected) => {
    expect(british.value(value, format)).toBe(expected);
  });

  test('a headline of ten thousand or more has no cents', () => {
    expect(british.headline('876130.49', 'money')).toBe('€876,130');
    expect(british.headline('312.4', 'money')).toBe('€312.40');
    expect(german.headline('-876130.5', 'money')).toBe('-€\u00a0876.131');
  });
});

describe('short numbers', () => {
  const yen = createFormatter({ locale: 'de-DE', currency: 'JPY', zone: 'Asia/Tokyo' });
  const euro = createFormatter({ locale: 'de-DE', currency: 'EUR', zone: 'Europe/Berlin' });

  test('have no decimals where the language or the currency gives them none', () => {
    expect(yen.compact(66_074.18, 'money')).toBe('66.074\u00a0¥');
    expect(yen.compact(12.5, 'money')).toBe('13\u00a0¥');
    expect(euro.compact(66_074.18, 'money')).toBe('66.074\u00a0€');
    expect(euro.compact(1234.5, 'number')).toBe('1.235');
    expect(british.compact(663_469.71, 'money')).toBe('€663.5K');
    expect(british.compact(2.5, 'number')).toBe('2.5');
    expect(british.compact(0.1594, 'percent')).toBe('15.9%');
  });

  test('a number without a format keeps its digits when whole, four decimals at most otherwise', () => {
    expect(euro.plain('2026')).toBe('2026');
    expect(euro.plain('109764.79')).toBe('109.764,79');
    expect(british.plain('2613.4473809523809524')).toBe('2,613.4474');
    expect(british.plain('-0.00001')).toBe('0.0000');
    expect(british.plain('NaN')).toBe('NaN');
  });

  test('a time it took is in seconds from one second on', () => {
    expect(british.duration('340')).toBe('340 ms');
    expect(euro.duration('2622')).toBe('2,6 s');
  });
});

describe('times', () => {
  test(`are the company's, also across a change of clocks`, () => {
    expect(british.instant('2026-11-22T05:04:00Z')).toBe('22 Nov 2026, 06:04');
    expect(british.instant('2026-07-01 06:04:00+02')).toBe('1 Jul 2026, 06:04');
    expect(british.moment('2026-11-22T05:04:00Z', '2026-11-22')).toBe('06:04');
    expect(british.moment('2026-11-21T23:30:00Z', '2026-11-22')).toBe('00:30');
    expect(british.moment('2026-11-21T05:04:00Z', '2026-11-22')).toBe('21 Nov 2026, 06:04');
  });

  test('days are days in every zone', () => {
    const samoa = createFormatter({ locale: 'en-GB', currency: 'EUR', zone: 'Pacific/Apia' });
    expect(samoa.day('2026-11-22')).toBe('22 Nov 2026');
    expect(samoa.month('2026-11-01')).toBe('Nov 2026');
  });
});

describe('CSV', () => {
  test('guards what a spreadsheet would calculate, and leaves numbers alone', () => {
    const rows = [
      ['=1+1', '-12.50', '+43 1 234'],
      ['@SUM(A1)', '\tx', null],
      ['a "b", c', 'line\nbreak', ''],
    ];
    expect(toCsv(['name', '=x', 'y'], rows)).toBe(
      [
        "\ufeffname,'=x,y",
        "'=1+1,-12.50,'+43 1 234",
        `'@SUM(A1),'\tx,`,
        `"a ""b"", c","line\nbreak",""`,
        '',
      ].join('\r\n'),
    );
  });
});
