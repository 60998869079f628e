/**
 * Every error Plumbline raises, in one catalogue: a code, what it means, and what to do next.
 * `docs/errors.md` documents each; a test fails on a code that is missing there.
 *
 * Bad rows are not errors: they are rejects, with the codes of `contract/row-codes.ts`.
 */
const catalogue = {
  // Usage and the project folder
  usage: { exitCode: 2, remedy: 'Run the command with --help to see its options and an example.' },
  'project-not-found': {
    exitCode: 2,
    remedy: 'Pass --project DIR, or create a project with `plumbline init DIR`.',
  },
  'project-invalid': {
    exitCode: 1,
    remedy: 'Correct the places listed, then run `plumbline check`.',
  },
  'node-too-old': { exitCode: 2, remedy: 'Install Node 22.18 or newer.' },
  'setting-missing': {
    exitCode: 1,
    remedy: "Set the variable in the environment or in the project's .env file.",
  },
  'package-missing': {
    exitCode: 1,
    remedy: 'Run `npm install @aws-sdk/client-s3` in the project.',
  },
  'schedule-invalid': {
    exitCode: 1,
    remedy: 'Correct the schedule as the message says, then run `plumbline check`.',
  },
  'aws-missing': {
    exitCode: 2,
    remedy: 'Run `npm install @plumbline/aws` in the project.',
  },
  'aws-version': {
    exitCode: 2,
    remedy: 'Install the @plumbline/aws of the same version as plumbline.',
  },
  'stack-refused': {
    exitCode: 1,
    remedy: 'Nothing was deployed. Correct the settings behind each line, then run it again.',
  },
  internal: {
    exitCode: 3,
    remedy: 'This is a fault of plumbline: run again with --debug and report what it prints.',
  },
  // The warehouse
  'warehouse-unreachable': {
    exitCode: 3,
    remedy: 'Check DATABASE_URL and that Postgres accepts connections from here.',
  },
  'warehouse-newer': {
    exitCode: 3,
    remedy: 'Upgrade plumbline to the version that wrote this warehouse, or newer.',
  },
  'warehouse-start-failed': {
    exitCode: 3,
    remedy:
      'Read the Postgres log named in the message, or set DATABASE_URL to a Postgres of your own.',
  },
  'warehouse-busy': {
    exitCode: 3,
    remedy: 'Wait for the other plumbline command on this project to finish, then run again.',
  },
  'warehouse-not-prepared': {
    exitCode: 3,
    remedy: 'Run `plumbline deploy`, which prepares it; while one is under way, wait for its end.',
  },
  'warehouse-refused': {
    exitCode: 3,
    remedy: 'Connect as a user that may create roles, such as the master user of the server.',
  },
  'migration-changed': {
    exitCode: 3,
    remedy: 'Restore the migration file as it was when it was applied.',
  },
  // Who may read
  'access-conflict': {
    exitCode: 1,
    remedy: 'Give the user in `access` another name, or drop the role yourself.',
  },
  'access-changed': {
    exitCode: 1,
    remedy: 'Look at the plan again with `plumbline access`, then apply that.',
  },
  // Sources and deliveries
  'source-unreachable': {
    exitCode: 1,
    remedy: 'Check the address and that the server is up; the next run tries again.',
  },
  'source-denied': {
    exitCode: 1,
    remedy: 'Check the credentials in the environment; the server refused them.',
  },
  'address-refused': {
    exitCode: 1,
    remedy: "Correct the address in the source's file, or allow it with allowPrivate: true.",
  },
  'source-not-found': { exitCode: 1, remedy: "Check the path or address in the source's file." },
  'source-changed': {
    exitCode: 1,
    remedy: 'The file changed while it was read; the next run reads it again.',
  },
  'format-error': {
    exitCode: 1,
    remedy: 'Ask the sender for the file in the format the source declares.',
  },
  'encoding-error': {
    exitCode: 1,
    remedy: "Declare the file's encoding in the source, e.g. encoding: 'windows-1252'.",
  },
  'source-error': {
    exitCode: 1,
    remedy: 'Look at the delivery named in the message; nothing of it was loaded.',
  },
  'missing-label': {
    exitCode: 1,
    remedy: "Correct the header in the file, or the column's `header` in the source.",
  },
  'duplicate-label': {
    exitCode: 1,
    remedy: 'Rename one of the two columns in the file, or name the column by position.',
  },
  'merged-header': {
    exitCode: 1,
    remedy: "Unmerge it, or set merged: 'top-left': its first column then has it.",
  },
  'sheet-not-found': {
    exitCode: 1,
    remedy: 'Set `sheet` in the source to the name of one of the sheets listed.',
  },
  'encrypted-workbook': {
    exitCode: 1,
    remedy: 'Save the workbook without a password and deliver it again.',
  },
  'lock-file': {
    exitCode: 1,
    remedy: 'Close the workbook in Excel; the ~$ file next to it is not the data.',
  },
  // Loading
  'control-total': {
    exitCode: 1,
    remedy: 'Compare the delivery with its control totals; nothing of it was loaded.',
  },
  'delivery-rejected': {
    exitCode: 1,
    remedy: 'See `plumbline rejects SOURCE`, correct the file or the contract, then run again.',
  },
  'batch-failed': {
    exitCode: 3,
    remedy: 'The next run tries the delivery again, three times in all.',
  },
  'landing-missing': {
    exitCode: 1,
    remedy:
      'Run on the machine whose .plumbline/landing holds it, restore that folder, or have the file delivered again.',
  },
  'disk-full': { exitCode: 3, remedy: 'Free some space, then run again; nothing was lost.' },
  // Dashboards
  'unknown-parameter': {
    exitCode: 1,
    remedy: 'Correct the name, or add a filter of that name to the dashboard.',
  },
  'query-failed': {
    exitCode: 1,
    remedy: "Correct the tile's SQL; it runs in psql too, with \\set for its parameters.",
  },
  'query-too-slow': {
    exitCode: 1,
    remedy: 'Move the work into a model, so that the tile reads few rows.',
  },
  'port-taken': {
    exitCode: 3,
    remedy: 'Choose another with --port, or stop the other program.',
  },
  'assets-missing': { exitCode: 3, remedy: 'Run `npm run build` in the plumbline repository.' },
  // Digests
  'mail-invalid': {
    exitCode: 1,
    remedy: 'Correct the address or the text that the message names; nothing was sent.',
  },
  'mail-unwritable': {
    exitCode: 3,
    remedy: 'Make room, or a right to write there, then run again.',
  },
  'mail-unsent': {
    exitCode: 3,
    remedy: 'See that the mail server is up and takes the login of SMTP_URL, then run it again.',
  },
  // Functions on AWS
  'event-invalid': {
    exitCode: 2,
    remedy: 'Invoke the function with an event as the message shows it.',
  },
  'function-time': {
    exitCode: 3,
    remedy:
      'Give the function more memory, which is more CPU, or have the data delivered in smaller parts.',
  },
  'function-not-invoked': {
    exitCode: 3,
    remedy: 'Run `plumbline deploy`, which grants the right to it; Lambda tries the event again.',
  },
  'secret-unreadable': {
    exitCode: 3,
    remedy: 'Run `plumbline deploy`, which grants the right to read it.',
  },
  'archive-failed': {
    exitCode: 3,
    remedy: 'Check that the landing bucket is there; `plumbline deploy` grants the rights to it.',
  },
  // Models and releases
  'model-failed': {
    exitCode: 1,
    remedy: 'Correct the SQL at the place named; the release before goes on serving.',
  },
  'relation-in-use': {
    exitCode: 3,
    remedy: 'End the query or drop the view that the message names, then run again.',
  },
  // Scheduled runs
  'run-abandoned': {
    exitCode: 3,
    remedy:
      'Look in the log for why the process ended, then start the job by hand: `plumbline run NAME`.',
  },
  // AWS
  'aws-credentials': {
    exitCode: 2,
    remedy: 'Set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, then run again.',
  },
  'aws-account': {
    exitCode: 2,
    remedy: 'Use the credentials of the account that plumbline.aws.ts names.',
  },
  'aws-no-room': {
    exitCode: 2,
    remedy: 'Make room as the message says, or change plumbline.aws.ts.',
  },
  'aws-region': { exitCode: 2, remedy: 'Enable the region, or name another in plumbline.aws.ts.' },
  'aws-denied': {
    exitCode: 2,
    remedy: 'Have the right that the message names given; docs/aws.md lists all that are needed.',
  },
  'aws-unreachable': {
    exitCode: 3,
    remedy: 'Check the network and the region in plumbline.aws.ts, then run again.',
  },
  'aws-failed': {
    exitCode: 3,
    remedy: 'Read what AWS answered; run with --debug for all of it.',
  },
  'aws-not-bootstrapped': {
    exitCode: 2,
    remedy: 'Run `plumbline deploy --bootstrap`: once for an account and region.',
  },
  'aws-not-deployed': { exitCode: 1, remedy: 'Run `plumbline deploy`.' },
  'aws-stack-state': {
    exitCode: 3,
    remedy: 'Wait until the stack is at rest, or see its events in the console of CloudFormation.',
  },
  'aws-data-endangered': {
    exitCode: 1,
    remedy:
      'Take back the change, or run with --replace-data once the data is saved; nothing was changed.',
  },
  'aws-deploy-failed': {
    exitCode: 3,
    remedy: 'Correct what the reasons listed name, then run `plumbline deploy` again.',
  },
  'aws-function-failed': {
    exitCode: 3,
    remedy: 'Look at `plumbline logs --aws --errors`, then run the command again.',
  },
} as const satisfies Record<string, { exitCode: 1 | 2 | 3; remedy: string }>;

/** A code of the catalogue. */
export type ErrorCode = keyof typeof catalogue;

/** All codes, for the documentation test. */
export const errorCodes = Object.keys(catalogue) as readonly ErrorCode[];

/** One mistake in a project's files; `project-invalid` carries all that were found. */
export interface Mistake {
  /** Path under the project folder, with forward slashes. */
  readonly file: string;
  /** Where in the file: `columns.amount.min`, `line 4, column 7`. */
  readonly place?: string;
  /** What is wrong, as a sentence without a full stop. */
  readonly message: string;
  /** The value seen, as it would be written in the file. */
  readonly value?: string;
  readonly expected?: string;
  /** What was most likely meant. */
  readonly suggestion?: string;
}

export interface ErrorOptions {
  /** What, where, the value seen and what was expected; one sentence, no secret in it. */
  readonly message: string;
  /** The next command or edit; the catalogue's general one when left out. */
  readonly remedy?: string;
  /** True for a fault that may pass by itself (a network, a lock); false for one that will not. */
  readonly retryable?: boolean;
  readonly cause?: unknown;
  readonly mistakes?: readonly Mistake[];
}

/** The one error type that crosses module borders. */
export class PlumblineError extends Error {
  override readonly name = 'PlumblineError';
  readonly code: ErrorCode;
  readonly remedy: string;
  readonly retryable: boolean;
  /** Only of `project-invalid`; otherwise empty. */
  readonly mistakes: readonly Mistake[];

  constructor(code: ErrorCode, options: ErrorOptions) {
    super(options.message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.remedy = options.remedy ?? catalogue[code].remedy;
    this.retryable = options.retryable ?? false;
    this.mistakes = options.mistakes ?? [];
  }

  /** 1 the data or the project is at fault, 2 wrong usage, 3 the system failed. */
  get exitCode(): 1 | 2 | 3 {
    return catalogue[this.code].exitCode;
  }
}
