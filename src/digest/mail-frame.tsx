import { html, raw } from 'hono/html';
import type { Child } from 'hono/jsx';

import { light, mailStyles } from './mail-colors.ts';

export const fontStack =
  "-apple-system, BlinkMacSystemFont, 'Segoe UI', Roboto, Helvetica, Arial, sans-serif";

/** Width of the mail in pixels where there is room, and what is left of it inside the margins. */
export const mailWidth = 600;
export const contentWidth = 550;

interface FrameProps {
  readonly lang: string;
  readonly subject: string;
  /** What mail programs show beside the subject in a list of mails. */
  readonly preview: string;
  readonly footer: Child;
  readonly children: Child;
}

/** A whole mail as text. */
export function renderFrame(props: FrameProps): string {
  const page = html`<!doctype html>${<Frame {...props} />}`;
  if (page instanceof Promise) throw new TypeError('a part of a mail is awaited');
  return page.toString();
}

// Outlook on Windows lays out with Word, which knows no max-width: it gets a table of fixed width.
const ghostTableStart = `<!--[if mso]><table role="presentation" align="center" width="${mailWidth}" cellpadding="0" cellspacing="0"><tr><td><![endif]-->`;
const ghostTableEnd = '<!--[if mso]></td></tr></table><![endif]-->';
const outlookSettings =
  '<!--[if mso]><xml><o:OfficeDocumentSettings><o:PixelsPerInch>96</o:PixelsPerInch></o:OfficeDocumentSettings></xml><style>* { font-family: Arial, sans-serif !important; }</style><![endif]-->';

const Frame = ({ lang, subject, preview, footer, children }: FrameProps) => (
  <html lang={lang} xmlns:o="urn:schemas-microsoft-com:office:office">
    <head>
      <meta charset="utf-8" />
      <meta name="viewport" content="width=device-width, initial-scale=1" />
      <meta name="color-scheme" content="light dark" />
      <meta name="supported-color-schemes" content="light dark" />
      <meta name="x-apple-disable-message-reformatting" />
      <meta name="format-detection" content="telephone=no, date=no, address=no, email=no" />
      <title>{subject}</title>
      {raw(outlookSettings)}
      <style>{raw(mailStyles)}</style>
    </head>
    <body
      class="page"
      style={`margin: 0; padding: 0; background: ${light.page}; -webkit-text-size-adjust: 100%`}
    >
      <div style="display: none; max-height: 0; overflow: hidden; mso-hide: all">
        {preview}
        {raw('&#847;&zwnj;&nbsp;'.repeat(60))}
      </div>
      <table
        role="presentation"
        width="100%"
        cellpadding="0"
        cellspacing="0"
        border={0}
        class="page"
      >
        <tr>
          <td align="center" class="outer" style="padding: 24px 12px">
            {raw(ghostTableStart)}
            <div
              style={`max-width: ${mailWidth}px; margin: 0 auto; text-align: left; font-family: ${fontStack}`}
            >
              <table
                role="presentation"
                width="100%"
                cellpadding="0"
                cellspacing="0"
                border={0}
                class="card"
                style={`background: ${light.card}; border: 1px solid ${light.border}; border-radius: 6px; border-collapse: separate`}
              >
                <tr>
                  <td class="inner text" style={`padding: 26px 24px 28px; color: ${light.text}`}>
                    {children}
                  </td>
                </tr>
              </table>
              <div
                class="muted"
                style={`padding: 14px 24px 0; font-size: 12px; line-height: 18px; color: ${light.muted}`}
              >
                {footer}
              </div>
            </div>
            {raw(ghostTableEnd)}
          </td>
        </tr>
      </table>
    </body>
  </html>
);

/** The first lines of a mail. */
export const MailHead = ({ title, lines }: { title: string; lines: readonly Child[] }) => (
  <>
    <h1 style="margin: 0; font-size: 20px; line-height: 27px; font-weight: 700">{title}</h1>
    {lines.map((line) => (
      <p
        class="muted"
        style={`margin: 3px 0 0; font-size: 13px; line-height: 19px; color: ${light.muted}`}
      >
        {line}
      </p>
    ))}
  </>
);

interface NoticeProps {
  readonly tone: 'notice' | 'alarm';
  readonly lines: readonly string[];
}

/** Something the reader must know before the numbers. */
export const MailNotice = ({ tone, lines }: NoticeProps) => {
  const [ground, text, edge] =
    tone === 'alarm'
      ? [light.alarmGround, light.alarmText, light.alarmEdge]
      : [light.noticeGround, light.noticeText, light.noticeEdge];
  return (
    <table
      role="presentation"
      width="100%"
      cellpadding="0"
      cellspacing="0"
      border={0}
      style="margin-top: 18px"
    >
      <tr>
        <td
          class={tone}
          style={`padding: 10px 14px; background: ${ground}; color: ${text}; border-left: 4px solid ${edge}; font-size: 13px; line-height: 19px`}
        >
          {lines.map((line) => (
            <div>{line}</div>
          ))}
        </td>
      </tr>
    </table>
  );
};

/** A link as a button that Outlook draws too: the cell has the colour, not the link. */
export const MailButton = ({ href, label }: { href: string; label: string }) => (
  <table role="presentation" cellpadding="0" cellspacing="0" border={0} style="margin-top: 26px">
    <tr>
      <td bgcolor={light.accent} style={`border-radius: 6px; background: ${light.accent}`}>
        <a
          href={href}
          style={`display: inline-block; padding: 10px 20px; font-size: 14px; line-height: 18px; font-weight: 600; color: #ffffff; text-decoration: none; border: 1px solid ${light.accent}; border-radius: 6px`}
        >
          {label}
        </a>
      </td>
    </tr>
  </table>
);
