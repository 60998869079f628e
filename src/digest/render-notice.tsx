import type { Formatter } from '../dashboard/format.ts';
import { headerText } from './header-text.ts';
import { light } from './mail-colors.ts';
import { MailHead, MailNotice, renderFrame } from './mail-frame.tsx';
import { longDay } from './mail-parts.ts';
import type { MailContent } from './mail.ts';

export interface NoticeOptions {
  /** The digest's file name: `morning-costs`. */
  readonly name: string;
  readonly title: string;
  readonly company: string;
  /** Why it is held: sentences without any number out of the data. */
  readonly reasons: readonly string[];
  /** BCP 47 language, and the day's format. */
  readonly formatter: Formatter;
  /** The company's day the digest is of, `YYYY-MM-DD`. */
  readonly day: string;
  readonly unsubscribe: string;
}

/** In place of a digest that is held: says so and why, and shows no number. */
export function renderNotice(options: NoticeOptions): MailContent {
  const { name, title, company, reasons, formatter, day, unsubscribe } = options;
  const heading = `${title} – ${longDay(day, formatter.locale)}`;
  const subject = headerText(`${heading}: held back`);
  const why =
    'This mail is held back, because its numbers would be out of date or have not been verified:';
  const next = `Once the data is in order, whoever looks after it sends this mail with: plumbline digest ${name}`;
  const footer = `You get this because your address is on the list of “${title}” of ${company}.`;
  const html = renderFrame({
    lang: formatter.locale,
    subject,
    preview: reasons.join(' '),
    footer: (
      <>
        {footer}{' '}
        <a href={unsubscribe} class="muted" style="color: inherit; text-decoration: underline">
          Unsubscribe
        </a>
      </>
    ),
    children: (
      <>
        <MailHead title={heading} lines={[why]} />
        <MailNotice tone="alarm" lines={reasons} />
        <p
          class="muted"
          style={`margin: 18px 0 0; font-size: 13px; line-height: 19px; color: ${light.muted}`}
        >
          Once the data is in order, whoever looks after it sends this mail with{' '}
          <code>plumbline digest {name}</code>.
        </p>
      </>
    ),
  });
  const text = [
    heading,
    '',
    why,
    ...reasons.map((reason) => `- ${reason}`),
    '',
    next,
    '',
    '-- ',
    footer,
    `Unsubscribe: ${unsubscribe}`,
    '',
  ].join('\n');
  return { subject, html, text, attachments: [] };
}
