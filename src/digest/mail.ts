/** A picture that stands in the HTML part as `<img src="cid:…">`. */
export interface MailImage {
  /** Content-ID without angle brackets. */
  readonly cid: string;
  readonly filename: string;
  readonly png: Uint8Array;
}

/** What a mail says, the same for every recipient. */
export interface MailContent {
  /** One line, without control characters. */
  readonly subject: string;
  readonly html: string;
  /** The same for those who read no HTML. */
  readonly text: string;
  readonly attachments: readonly MailImage[];
}
