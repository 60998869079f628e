import { column } from '../../src/contract/column.ts';
import type { Answer } from '../helpers/scripted-server.ts';
import { type ApiInput, type Expected, loads, refused } from './corpus-input.ts';

const json = { 'content-type': 'application/json' };
const ada = '{"id":1,"name":"Ada","amount":"10.50","paid_on":"2026-01-05"}';
const bo = '{"id":2,"name":"Bo","amount":"20.00","paid_on":"2026-01-06"}';
const sound = `{"data":[${ada},${bo}]}`;

const answer = (
  name: string,
  content: Answer | (() => Answer),
  expected: Expected,
  more: Pick<ApiInput, 'options' | 'records'> = {},
): ApiInput => ({
  kind: 'api',
  name: `api: ${name}`,
  content: typeof content === 'function' ? content : () => content,
  expected,
  ...more,
});

const body = (
  name: string,
  text: string | Uint8Array,
  expected: Expected,
  more: Pick<ApiInput, 'options' | 'records'> = {},
): ApiInput => answer(name, { headers: json, body: text }, expected, more);

/** The first record changed. */
const changed = (from: string, to: string): string => sound.replace(from, to);

const noJson = refused('source-error');

export const apiInputs: readonly ApiInput[] = [
  body('sound', sound, loads(2)),
  body('no records', '{"data":[]}', loads(0)),
  body('a body of white space', ' \n', noJson),
  body('something after the end', `${sound} {}`, noJson),
  body('two bodies', `${sound}${sound}`, noJson),
  body('a comma too many', '{"data":[{"id":1},]}', noJson),
  body('a comma too few', `{"data":[${ada} ${bo}]}`, noJson),
  body('names without quotes', '{data:[]}', noJson),
  body('single quotes', "{'data':[]}", noJson),
  body('a comment', `{"data":[/* none */]}`, noJson),
  body('NaN', changed('"10.50"', 'NaN'), noJson),
  body('undefined', changed('"10.50"', 'undefined'), noJson),
  body('a number with a leading nought', changed('"10.50"', '010.5'), noJson),
  body('a number that ends in a point', changed('"10.50"', '10.'), noJson),
  body('a control character in a text', changed('Ada', 'A\nda'), noJson),
  body('an escape that does not exist', changed('Ada', 'A\\xda'), noJson),
  body('half an escape', changed('Ada', 'A\\u12'), noJson),
  body('cut in a text', sound.slice(0, 22), noJson),
  body('cut in a number', '{"data":[{"id":12', noJson),
  body('cut before the last bracket', sound.slice(0, -1), noJson),
  body('cut after a backslash', '{"data":[{"name":"A\\', noJson),
  body('a byte order mark', `\ufeff${sound}`, loads(2)),
  body('records a line, not an array', `${ada}\n${bo}\n`, noJson),
  body('a text', '"not today"', noJson),
  body('a number', '42', noJson),
  body('null', 'null', noJson),
  body('the records null', '{"data":null}', noJson),
  body('the records a text', '{"data":"none"}', noJson),
  body('the records at the top', `[${ada}]`, noJson),
  body(
    'an error in the words of the server',
    '{"error":{"code":17,"message":"no access"}}',
    noJson,
  ),
  body('records that are arrays', '{"data":[[1,"Ada"]]}', refused('missing-label')),
  body('records that are null', `{"data":[${ada},null]}`, loads(1, { 'format-error': 1 })),
  body(
    'nested a hundred thousand deep',
    `{"data":[${'['.repeat(100_000)}${']'.repeat(100_000)}]}`,
    noJson,
  ),
  body(
    'objects nested a hundred thousand deep',
    changed('"Ada"', `${'{"a":'.repeat(100_000)}1${'}'.repeat(100_000)}`),
    noJson,
  ),
  body('a name twice in a record', changed('"id":1', '"id":1,"id":9'), loads(2)),
  body('a lone surrogate', changed('Ada', 'A\\ud800da'), loads(1, { 'encoding-error': 1 })),
  body('a NUL', changed('Ada', 'A\\u0000da'), loads(1, { 'encoding-error': 1 })),
  body('a pair of surrogates', changed('Ada', '\\ud83d\\ude00'), loads(2)),
  body('a byte that UTF-8 never has', Buffer.from(changed('Ada', 'A\u00ffda'), 'latin1'), noJson),
  body('an object where a text is expected', changed('"Ada"', '{"first":"Ada"}'), loads(2)),
  body(
    'true where an amount is expected',
    changed('"10.50"', 'true'),
    loads(1, { 'type-error': 1 }),
  ),
  body('an amount as a number', changed('"10.50"', '10.50'), loads(2)),
  body('an amount in the form of powers', changed('"10.50"', '1.05e1'), loads(2)),
  body('an amount beyond all bounds', changed('"10.50"', '1e999'), loads(1, { 'type-error': 1 })),
  body(
    'an amount with many digits',
    changed('"10.50"', '10.500000000000000000001'),
    loads(1, { 'type-error': 1 }),
  ),
  body(
    'a number beyond 64 bits',
    changed('"id":1', '"id":99999999999999999999'),
    loads(1, { 'type-error': 1 }),
  ),
  body(
    'null where something is required',
    changed('"Ada"', 'null'),
    loads(1, { 'missing-cell': 1 }),
  ),
  body(
    'a field that one record lacks',
    changed('"name":"Ada",', ''),
    loads(1, { 'missing-cell': 1 }),
  ),
  body(
    'a field under another name',
    sound.replaceAll('"amount"', '"amonut"'),
    refused('missing-label'),
  ),
  body(
    'a date of two readings',
    changed('2026-01-05', '03/04/2025'),
    loads(1, { 'ambiguous-date': 1 }),
  ),
  body(
    'one key twice',
    `{"data":[${ada},${ada.replace('Ada', 'Eve')},${bo}]}`,
    loads(1, { 'primary-key': 2 }),
  ),
  body('one record twice', `{"data":[${ada},${ada},${bo}]}`, loads(2, {}, { duplicate: 1 })),
  body('a text of 8 MB', changed('Ada', 'x'.repeat(8 * 1024 * 1024)), loads(2)),
  body(
    'a thousand fields that nobody asked for',
    changed(
      '"id":1',
      `"id":1,${Array.from({ length: 1_000 }, (_, at) => `"f${at}":{"a":[${at}]}`).join(',')}`,
    ),
    loads(2),
  ),
  body(
    '50,000 records',
    `{"data":[${Array.from({ length: 50_000 }, (_, at) => `{"id":${at},"name":"Ada","amount":"1.00","paid_on":"2026-01-05"}`).join(',')}]}`,
    loads(50_000),
  ),
  body(
    'more wrong rows than are tolerated',
    changed('"id":1', '"id":"one"'),
    refused('delivery-rejected'),
    { options: { rejected: { max: 0 } } },
  ),
  body(
    'a name of the prototype',
    `{"data":[{"__proto__":{"id":1},"id":1,"name":"constructor","amount":"1.00","paid_on":"2026-01-05"}]}`,
    loads(1),
  ),
  body('a field that is an object, as JSON', sound, loads(2), {
    options: { columns: { id: column.integer(), name: column.json() }, controlTotals: [] },
  }),
  body(
    'a nested record of one that was kept out',
    '{"data":[{"id":1,"name":"Ada","lines":[{"product":"tea"}]},{"id":"two","name":"Bo","lines":[{"product":"tea"}]}]}',
    loads(1, { 'type-error': 1 }, { nested: { 'foreign-key': 1 } }),
    {
      options: {
        columns: { id: column.integer({ required: true }), name: column.text() },
        controlTotals: [],
        children: {
          lines: { path: 'lines', parent: { order_id: 'id' }, columns: { product: column.text() } },
        },
      },
    },
  ),
  answer(
    'an answer of another kind',
    { headers: { 'content-type': 'text/html' }, body: '<html>Please sign in</html>' },
    noJson,
  ),
  answer('no content', { status: 204 }, noJson),
  answer('gone', { status: 410 }, refused('source-not-found')),
  answer('forbidden', { status: 403 }, refused('source-denied')),
  answer(
    'out of order',
    { status: 500, headers: { 'retry-after': '0' } },
    refused('source-unreachable'),
  ),
  answer(
    'a redirect to nowhere',
    { status: 302, headers: { location: 'http://' } },
    refused('source-error'),
  ),
  answer(
    'a body shorter than promised',
    { cut: 'length', body: sound },
    refused('source-unreachable'),
  ),
  answer(
    'a body whose last chunk is missing',
    { cut: 'chunked', body: sound },
    refused('source-unreachable'),
  ),
  answer('a server that is silent', { broken: 'silent' }, refused('source-unreachable'), {
    options: { timeoutMs: 500 },
  }),
];
