import fc from 'fast-check';
import { expect, test } from 'vitest';

import { headerText } from '../../src/digest/header-text.ts';

test('any text becomes one line of bounded length without controls', () => {
  const text = fc.string({
    unit: fc.oneof(
      fc.constantFrom('\r', '\n', '\0', '\u2028', '\u202E', ' '),
      fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }),
    ),
    maxLength: 400,
  });
  fc.assert(
    fc.property(text, (value) => {
      const header = headerText(value);
      expect(header).not.toMatch(/[\p{Cc}\p{Zl}\p{Zp}\u202A-\u202E\u2066-\u2069]/u);
      expect(header.isWellFormed()).toBe(true);
      expect(Array.from(header).length).toBeLessThanOrEqual(150);
      expect(headerText(header)).toBe(header);
    }),
  );
});

test('what is fit for a header stays as it is', () => {
  const subject = 'Morning costs – Tue 30 June 2026: €12,345 (▲ 4.2%) 🚀 Žabka 例';
  expect(headerText(subject)).toBe(subject);
  expect(headerText('a\r\nBcc: b')).toBe('a Bcc: b');
  expect(headerText('x'.repeat(200))).toBe(`${'x'.repeat(149)}…`);
});
