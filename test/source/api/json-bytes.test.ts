import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import {
  JsonSyntaxError,
  scanArray,
  scanDocument,
  stringBetween,
} from '../../../src/source/api/json-bytes.ts';
import {
  compileFields,
  createFieldSpans,
  findFields,
  followPath,
} from '../../../src/source/api/json-fields.ts';

function accepts(text: string): boolean {
  try {
    scanDocument(Buffer.from(text));
    return true;
  } catch (error) {
    if (error instanceof JsonSyntaxError) return false;
    throw error;
  }
}

function parses(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

describe('scanDocument', () => {
  it('accepts what JSON.parse accepts', () => {
    fc.assert(
      fc.property(fc.json(), fc.constantFrom(undefined, 1, 2), (text, indent) => {
        const spaced = JSON.stringify(JSON.parse(text), null, indent);
        expect(accepts(spaced)).toBe(true);
      }),
    );
  });

  it('refuses what JSON.parse refuses', () => {
    const piece = fc.constantFrom(
      ...'{}[]:,"\\ \n\t-+.eE0123456789utf'.split(''),
      'true',
      'null',
      '"a"',
      '\\u00e9',
      '1e5',
      '\u0001',
      'é',
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
        const text = pieces.join('');
        expect(accepts(text)).toBe(parses(text));
      }),
      { numRuns: 3000 },
    );
  });

  it('refuses JSON damaged in one place exactly when JSON.parse does', () => {
    fc.assert(
      fc.property(
        fc.json(),
        fc.nat(),
        fc.constantFrom('', '"', ',', '0', '}', ' '),
        (json, at, put) => {
          const i = at % json.length;
          const damaged = json.slice(0, i) + put + json.slice(i + 1);
          expect(accepts(damaged)).toBe(parses(damaged));
        },
      ),
      { numRuns: 1000 },
    );
  });

  it('knows a text that was cut short from one that is wrong', () => {
    const fault = (text: string) => {
      try {
        scanDocument(Buffer.from(text));
      } catch (error) {
        if (error instanceof JsonSyntaxError) return [error.position, error.atEnd, error.message];
      }
      return undefined;
    };
    expect(fault('[1, 2')).toEqual([5, true, "expected ',' or ']'"]);
    expect(fault('{"a": <html>')).toEqual([6, false, 'expected a value']);
    expect(fault('')).toEqual([0, true, 'expected a value']);
    expect(fault('['.repeat(100_000))?.[2]).toBe('expected no more than 500 levels of nesting');
  });
});

describe('followPath and findFields', () => {
  it('find what reading the parsed value finds', () => {
    const key = fc.constantFrom('a', 'b', 'c d', 'é', '"');
    const { tree } = fc.letrec((tie) => ({
      tree: fc.oneof(
        { maxDepth: 3 },
        fc.oneof(fc.string(), fc.integer(), fc.constant(null), fc.boolean()),
        fc.dictionary(key, tie('tree')),
        fc.array(tie('tree'), { maxLength: 3 }),
      ),
    }));
    fc.assert(
      fc.property(
        fc.dictionary(key, tree),
        fc.array(key, { minLength: 1, maxLength: 3 }),
        (value, path) => {
          const bytes = Buffer.from(JSON.stringify(value, null, 1));
          let expected: unknown = value;
          for (const segment of path) {
            const isObject =
              typeof expected === 'object' && expected !== null && !Array.isArray(expected);
            expected = isObject ? (expected as Record<string, unknown>)[segment] : undefined;
          }
          const result = followPath(bytes, 0, path.join('.'));
          expect(
            result.found ? JSON.parse(bytes.toString('utf8', result.start, result.end)) : undefined,
          ).toEqual(expected);

          const fields = compileFields([[path.join('.')]]);
          const found = createFieldSpans(fields);
          findFields(fields, bytes, 0, found);
          const [start = -1, end = -1] = found.spans;
          expect(start < 0 ? undefined : JSON.parse(bytes.toString('utf8', start, end))).toEqual(
            expected,
          );
        },
      ),
    );
  });

  it('read keys with escapes, keys with dots, elements of arrays and the first alternative there is', () => {
    const bytes = Buffer.from(
      String.raw`{"na\u006de":"x","client.id":7,"lines":[{"sku":"A"},{"sku":"B"}],"old":1,"new":2,"new":3}`,
    );
    const tree = compileFields([
      ['name'],
      ['client.id'],
      ['lines.1.sku'],
      ['gone', 'new', 'old'],
      ['lines.2.sku'],
    ]);
    const found = createFieldSpans(tree);
    findFields(tree, bytes, 0, found);
    const texts = Array.from({ length: tree.fields }, (_, i) => {
      const start = found.spans[i * 2] ?? -1;
      return start < 0 ? undefined : bytes.toString('utf8', start, found.spans[i * 2 + 1]);
    });
    expect(texts).toEqual(['"x"', '7', '"B"', '3', undefined]);
  });

  it('gives the elements of an array as they were written', () => {
    const bytes = Buffer.from('[ 12345678901234567890.10 , {"a" : 1e400},"\\ud83d\\ude00"]');
    const seen: string[] = [];
    scanArray(bytes, 0, (start, end) => seen.push(bytes.toString('utf8', start, end)));
    expect(seen).toEqual(['12345678901234567890.10', '{"a" : 1e400}', '"\\ud83d\\ude00"']);
    expect(stringBetween(bytes, 43, 55)).toBe('😀');
  });
});
