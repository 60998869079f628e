import { simpleParser } from 'mailparser';
import { expect, test } from 'vitest';

import { renderDigest } from '../../src/digest/render-digest.tsx';
import { writeEml } from '../../src/digest/write-eml.ts';
import type { Mail } from '../../src/digest/write-eml.ts';
import { sampleOptions } from './sample-digest.ts';

const content = renderDigest(sampleOptions());

function sampleMail(changes: Partial<Mail> = {}): Mail {
  return {
    ...content,
    from: 'Acme Zahlen – Köln <numbers@acme.example>',
    to: ['ops@acme.example', 'boss@acme.example'],
    messageId: '<0123456789abcdef@acme.example>',
    date: '2026-06-30T06:00:00Z',
    unsubscribe: 'mailto:numbers@acme.example?subject=Unsubscribe%20morning-costs',
    ...changes,
  };
}

test('a mail program reads back what was written', async () => {
  const bytes = await writeEml(sampleMail());
  const mail = await simpleParser(bytes);
  expect(mail.subject).toBe(content.subject);
  expect(mail.from?.text).toBe('"Acme Zahlen – Köln" <numbers@acme.example>');
  expect([mail.to].flat()[0]?.text).toBe('ops@acme.example, boss@acme.example');
  expect(mail.messageId).toBe('<0123456789abcdef@acme.example>');
  expect(mail.date?.toISOString()).toBe('2026-06-30T06:00:00.000Z');
  // The closing line break is the part's end.
  expect(mail.text?.trimEnd()).toBe(content.text.trimEnd());
  expect(mail.headers.get('auto-submitted')).toBe('auto-generated');
  expect(bytes.toString()).toContain(
    'List-Unsubscribe: <mailto:numbers@acme.example?subject=Unsubscribe%20morning-costs>',
  );
  expect(
    mail.attachments.map(({ cid, contentType, contentDisposition, related, content: png }) => ({
      cid,
      contentType,
      contentDisposition,
      related,
      png: png.equals(content.attachments.find((image) => image.cid === cid)?.png ?? Buffer.of()),
    })),
  ).toEqual(
    content.attachments.map(({ cid }) => ({
      cid,
      contentType: 'image/png',
      contentDisposition: 'inline',
      related: true,
      png: true,
    })),
  );
});

test('text and HTML are alternatives, the pictures belong to the HTML', async () => {
  const bytes = await writeEml(sampleMail());
  const types = [...bytes.toString().matchAll(/^Content-Type: ([\w/]+)/gmu)].map(
    ([, type]) => type,
  );
  expect(types).toEqual([
    'multipart/alternative',
    'text/plain',
    'multipart/related',
    'text/html',
    ...content.attachments.map(() => 'image/png'),
  ]);
  for (const line of bytes.toString('latin1').split('\r\n')) {
    // RFC 5322, 2.1.1: a line is at most 998 characters, without a bare CR or LF in it.
    expect(line.length).toBeLessThanOrEqual(998);
    expect(line).not.toMatch(/[\r\n]/u);
  }
});

test('the same mail is the same bytes', async () => {
  expect(await writeEml(sampleMail())).toEqual(await writeEml(sampleMail()));
});

for (const [field, changes] of Object.entries<Partial<Mail>>({
  subject: { subject: 'Costs\r\nBcc: everyone@evil.example' },
  from: { from: 'numbers@acme.example\nBcc: everyone@evil.example' },
  to: { to: ['ops@acme.example\r\nBcc: everyone@evil.example'] },
  'Message-ID': { messageId: '<1@acme.example>\r\nBcc: everyone@evil.example' },
  'List-Unsubscribe': { unsubscribe: 'mailto:a@b.example\r\nBcc: everyone@evil.example' },
})) {
  test(`a line break in ${field} is refused`, async () => {
    await expect(writeEml(sampleMail(changes))).rejects.toMatchObject({
      code: 'mail-invalid',
      message: expect.stringContaining(`cannot be the ${field} of a mail`) as string,
    });
  });
}
