import { createHash } from 'node:crypto';

import MailComposer from 'nodemailer/lib/mail-composer';

import { PlumblineError } from '../errors.ts';
import type { MailContent } from './mail.ts';

/** A mail as it leaves. */
export interface Mail extends MailContent {
  readonly from: string;
  readonly to: readonly string[];
  /** With its angle brackets. */
  readonly messageId: string;
  /** ISO instant. */
  readonly date: string;
  /** A `mailto:` or `https:` address. */
  readonly unsubscribe: string;
}

/**
 * A mail in the form of RFC 5322: text and HTML as alternatives, the pictures beside the HTML. The
 * same mail gives the same bytes. Throws `mail-invalid` for a header value with a line break or
 * another control character in it: what follows one would be read as the next header.
 */
export async function writeEml(mail: Mail): Promise<Buffer> {
  const headers = { from: mail.from, to: mail.to, subject: mail.subject };
  for (const [name, value] of Object.entries({
    ...headers,
    'Message-ID': mail.messageId,
    'List-Unsubscribe': mail.unsubscribe,
    'Content-ID': mail.attachments.map((image) => image.cid),
  })) {
    for (const one of [value].flat()) refuseControls(name, one);
  }
  const composer = new MailComposer({
    from: mail.from,
    to: [...mail.to],
    subject: mail.subject,
    messageId: mail.messageId,
    date: new Date(mail.date),
    text: mail.text,
    html: mail.html,
    // Else lines are folded as "flowed" text, and columns fall apart.
    encoding: 'quoted-printable',
    attachments: mail.attachments.map((image) => ({
      cid: image.cid,
      filename: image.filename,
      contentType: 'image/png',
      contentDisposition: 'inline',
      content: Buffer.from(image.png),
    })),
    headers: {
      'Auto-Submitted': 'auto-generated',
      'List-Unsubscribe': { prepared: true, value: `<${mail.unsubscribe}>` },
    },
    baseBoundary: createHash('sha256').update(mail.messageId).digest('hex').slice(0, 24),
    newline: 'windows',
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  return composer.compile().build();
}

function refuseControls(name: string, value: string): void {
  if (!/[\p{Cc}\p{Zl}\p{Zp}]/u.test(value)) return;
  throw new PlumblineError('mail-invalid', {
    message: `${JSON.stringify(value)} cannot be the ${name} of a mail: it has a line break or another control character in it.`,
  });
}
