import type { SQSRecord } from 'aws-lambda';
import { describe, expect, it } from 'vitest';

import { parseUploads } from '../../src/handlers/parse-uploads.ts';

const place = {
  kind: 's3',
  bucket: 'acme',
  pattern: 'payments/*.xlsx',
  isElsewhere: false,
} as const;

// Of a message of SQS only these two are read.
const message = (messageId: string, body: unknown): SQSRecord =>
  ({ messageId, body: typeof body === 'string' ? body : JSON.stringify(body) }) as SQSRecord;

const record = (key: string, more: { eventName?: string; bucket?: string } = {}) => ({
  eventVersion: '2.1',
  eventName: more.eventName ?? 'ObjectCreated:Put',
  s3: { bucket: { name: more.bucket ?? 'acme' }, object: { key, size: 1, versionId: 'v1' } },
});

const read = (...bodies: unknown[]) =>
  parseUploads(
    bodies.map((body, index) => message(`m${index}`, body)),
    place,
  );

const whyNot = (key: string, more?: { eventName?: string; bucket?: string }): string | undefined =>
  read({ Records: [record(key, more)] }).ignored[0]?.why;

describe('a notification of S3', () => {
  it.each([
    ['payments/april.xlsx', 'payments/april.xlsx'],
    ['payments/M%C3%A4rz+2026.xlsx', 'payments/März 2026.xlsx'],
    ['payments/a%2Bb.xlsx', 'payments/a+b.xlsx'],
    ['payments/100%25.xlsx', 'payments/100%.xlsx'],
    ['payments/%E2%82%AC.xlsx', 'payments/€.xlsx'],
  ])('has its key encoded as in a form: %s', (written, key) => {
    expect(read({ Records: [record(written)] }).wanted).toEqual([{ messageId: 'm0', keys: [key] }]);
  });

  it('may have several records, of which each is looked at', () => {
    const { wanted, ignored } = read({
      Records: [record('payments/a.xlsx'), record('tax/b.csv'), record('payments/c.xlsx')],
    });
    expect(wanted).toEqual([{ messageId: 'm0', keys: ['payments/a.xlsx', 'payments/c.xlsx'] }]);
    expect(ignored).toEqual([{ messageId: 'm0', why: 'tax/b.csv does not match payments/*.xlsx' }]);
  });

  it.each([
    ['payments/', {}, 'is the marker of a folder'],
    ['payments/old/a.xlsx', {}, 'does not match'],
    ['payments/~$a.xlsx', {}, 'does not match'],
    ['payments/a.xlsx', { bucket: 'other' }, 'is in other, not in acme'],
    ['payments/a.xlsx', { eventName: 'ObjectRemoved:Delete' }, 'was removed'],
    ['payments/a.xlsx', { eventName: 'ObjectRemoved:DeleteMarkerCreated' }, 'was removed'],
    ['payments/a.xlsx', { eventName: 'ObjectTagging:Put' }, 'brings nothing new'],
  ])('about %s %o is ignored, and says why', (key, more, why) => {
    expect(whyNot(key, more)).toContain(why);
    expect(read({ Records: [record(key, more)] })).toMatchObject({ wanted: [], unreadable: [] });
  });

  it('that only tests the way is ignored', () => {
    const test = { Service: 'Amazon S3', Event: 's3:TestEvent', Bucket: 'acme' };
    expect(read(test)).toMatchObject({
      wanted: [],
      unreadable: [],
      ignored: [{ why: 'a test event of S3' }],
    });
  });

  it.each([
    ['{', 'it is no JSON'],
    ['', 'it is no JSON'],
    ['null', 'no notification'],
    ['{"Records":[{"eventName":"ObjectCreated:Put"}]}', 'no notification'],
    [JSON.stringify({ Records: [record('payments/%E4.xlsx')] }), 'is not URL-encoded'],
  ])('that cannot be read blocks no other: %s', (body, why) => {
    const { wanted, unreadable } = read(body, { Records: [record('payments/a.xlsx')] });
    expect(unreadable).toEqual([{ messageId: 'm0', why: expect.stringContaining(why) }]);
    expect(wanted).toEqual([{ messageId: 'm1', keys: ['payments/a.xlsx'] }]);
  });

  it('is none of the business of a source that reads no bucket', () => {
    const uploads = parseUploads([message('m0', { Records: [record('a')] })], undefined);
    expect(uploads.ignored).toEqual([{ messageId: 'm0', why: 'the source reads no bucket' }]);
  });
});
