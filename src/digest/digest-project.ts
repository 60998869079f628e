import type { Model, Procedure } from '../model/model.ts';

/** What a digest needs to know of its project. */
export interface DigestProject {
  readonly company: string;
  /** BCP 47. */
  readonly locale: string;
  /** ISO 4217. */
  readonly currency: string;
  /** IANA zone. */
  readonly zone: string;
  readonly sources: ReadonlyMap<string, { readonly freshness: string | undefined }>;
  readonly models: readonly Pick<Model, 'name' | 'dependsOn'>[];
  readonly procedures: readonly Pick<Procedure, 'reads' | 'writes'>[];
}

/** How mail leaves the house. */
export interface MailSettings {
  /** The sender: `numbers@acme.example`, or `Acme <numbers@acme.example>`. */
  readonly from: string;
  /** `smtp://user:password@host:port`; undefined: mails are written to the outbox folder. */
  readonly smtp: string | undefined;
  /** The address the dashboards have for readers of the mail; undefined: no button. */
  readonly dashboards: string | undefined;
}
