import type { Answer } from '../helpers/scripted-server.ts';
import type { BadInput, Row } from './bad-input.ts';

const json = { 'content-type': 'application/json' };

const recordOf = ([id, name, amount, paid_on]: Row): object => ({ id, name, amount, paid_on });

export const answerOf = (rows: readonly Row[]): Answer => ({
  headers: json,
  body: { data: rows.map(recordOf) },
});

const answer = (...records: readonly object[]): Answer => ({
  headers: json,
  body: { data: records },
});

const ada = { id: 1, name: 'Ada', amount: '10.50', paid_on: '2026-01-05' };
const zoe = { id: 2, name: 'Zoë', amount: '20.00', paid_on: '2026-01-06' };

const whole = JSON.stringify({ data: [ada, zoe] });

/** Answers that no server should give, whatever is read from it. */
export const badServers: readonly BadInput<Answer>[] = [
  {
    name: 'a server that answers 500',
    content: { status: 500, headers: { 'retry-after': '0' }, body: 'out of order' },
    refused: {
      code: 'source-unreachable',
      says: ['/orders', 'the server answered 500', 'tried 3 times'],
      remedy: 'the next run tries again',
    },
  },
  {
    name: 'a server that asks to wait',
    content: { status: 429, headers: { 'retry-after': '0' } },
    refused: {
      code: 'source-unreachable',
      says: ['/orders', 'the server answered 429'],
      remedy: 'the next run tries again',
    },
  },
  {
    name: 'a server that knows no such address',
    content: { status: 404 },
    refused: {
      code: 'source-not-found',
      says: ['/orders', '404'],
      remedy: 'Check the path or address',
    },
  },
  {
    name: 'a server that refuses the credentials',
    content: { status: 401 },
    refused: { code: 'source-denied', says: ['/orders', '401'], remedy: 'credentials' },
  },
  {
    name: 'a server that finds the request wrong',
    content: { status: 400 },
    refused: { code: 'source-error', says: ['/orders', '400'], remedy: 'address' },
  },
  {
    name: 'a body shorter than promised',
    content: { cut: 'length', body: whole },
    refused: {
      code: 'source-unreachable',
      says: ['/orders', /cut short|broke off|closed before/],
      remedy: 'next run',
    },
  },
  {
    name: 'a body whose last chunk is missing',
    content: { cut: 'chunked', body: whole },
    refused: {
      code: 'source-unreachable',
      says: ['/orders', /cut short|broke off|closed before/],
      remedy: 'next run',
    },
  },
  {
    name: 'a connection that breaks off',
    content: { broken: 'reset' },
    refused: {
      code: 'source-unreachable',
      says: ['/orders', /broke off|closed before/],
      remedy: 'next run',
    },
  },
  {
    name: 'a server that is silent',
    content: { broken: 'silent' },
    refused: { code: 'source-unreachable', says: ['/orders', '2000 ms'], remedy: 'next run' },
  },
];

/** Answers that are no records of an API. */
export const badAnswers: readonly BadInput<Answer>[] = [
  {
    name: 'an empty body',
    content: { headers: json, body: '' },
    refused: {
      code: 'source-error',
      says: ['/orders', 'the body is empty'],
      remedy: 'Open the address by hand',
    },
  },
  {
    name: 'JSON that is cut off',
    content: { headers: json, body: whole.slice(0, -10) },
    refused: {
      code: 'source-error',
      says: ['/orders', 'not JSON', 'the end of a string', 'byte 125'],
      remedy: 'Open the address by hand',
    },
  },
  {
    name: 'a web page',
    content: { headers: { 'content-type': 'text/html' }, body: '<!doctype html><p>Please sign in' },
    refused: {
      code: 'source-error',
      says: ['/orders', 'not JSON', 'text/html', '<!doctype html>'],
      remedy: 'Open the address by hand',
    },
  },
  {
    name: 'JSON in UTF-16',
    content: { headers: json, body: Buffer.from(whole, 'utf16le') },
    refused: { code: 'source-error', says: ['/orders', 'it is UTF-16'], remedy: 'JSON in UTF-8' },
  },
  {
    name: 'bytes of windows-1252',
    content: { headers: json, body: Buffer.from(whole, 'latin1') },
    refused: {
      code: 'source-error',
      says: ['/orders', 'not valid UTF-8'],
      remedy: 'JSON in UTF-8',
    },
  },
  {
    name: 'the records under another name',
    content: { headers: json, body: { dta: [ada, zoe] } },
    refused: {
      code: 'source-error',
      says: ['/orders', "no 'data'", "did you mean 'dta'?"],
      remedy: 'Correct `records`',
    },
  },
  {
    name: 'an object where the records should be',
    content: { headers: json, body: { data: { error: 'no access to orders' } } },
    refused: {
      code: 'source-error',
      says: ['/orders', "'data' is an object", 'expected the array'],
      remedy: 'Correct `records`',
    },
  },
  {
    name: 'a record that is none',
    content: { headers: json, body: { data: [ada, 'and so on'] } },
    rejects: [{ line: 2, code: 'format-error', column: null, value: '"and so on"' }],
    loaded: ['1'],
  },
  {
    name: 'a field under another name',
    content: answer({ id: 1, name: 'Ada', amonut: '10.50', paid_on: '2026-01-05' }),
    refused: {
      code: 'missing-label',
      says: ['/orders', "'amount'", "did you mean 'amonut'?"],
      remedy: "Correct the column's `header`",
    },
  },
  {
    name: 'values of the wrong type',
    content: answer(
      { ...ada, amount: 'ten' },
      { ...zoe, id: 'two' },
      { ...zoe, paid_on: ['2026'] },
    ),
    rejects: [
      { line: 1, code: 'type-error', column: 'amount', value: 'ten' },
      { line: 2, code: 'type-error', column: 'id', value: 'two' },
      { line: 3, code: 'type-error', column: 'paid_on', value: '["2026"]' },
    ],
    loaded: [],
  },
  {
    name: 'a record that lacks a field',
    content: answer({ id: 1, amount: '1.00', paid_on: '2026-01-05' }, zoe),
    rejects: [{ line: 1, code: 'missing-cell', column: 'name', value: null }],
    loaded: ['2'],
  },
];
