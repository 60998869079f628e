import { awsCommands } from './aws-commands.ts';
import type { Command } from './command.ts';

/** Every command, in the order of `plumbline --help`. */
export const commands: readonly Command[] = [
  {
    usage: 'init [dir]',
    summary: 'write a small project with sample data that runs at once',
    description:
      'Writes a small project with sample data into a new or empty folder. With --aws: the settings for AWS, with comments, into a project that is there.',
    options: [
      { flags: '--aws', description: 'write plumbline.aws.ts, the settings for AWS' },
      { flags: '--force', description: 'with --aws: write it anew where it is there already' },
    ],
    examples: [
      'plumbline init numbers && plumbline dev --project numbers',
      'plumbline init --aws --project numbers',
    ],
    load: () => import('./init.ts'),
  },
  {
    usage: 'preview <file>',
    summary: 'look at a file: its columns, what is unsure, the source that would load it',
    description:
      'Reads the whole file, infers a contract, tries it on every row, and says what it is unsure of. Nothing is guessed: a column with two readings stays text, and both are shown. With --write creates the source that loads it.',
    options: [
      {
        flags: '--sheet <name>',
        description: 'of a workbook: the sheet, by name or number from 1',
      },
      { flags: '--header <row>', description: 'the row with the labels, from 1' },
      { flags: '--encoding <label>', description: 'of a text file, e.g. windows-1252' },
      { flags: '--delimiter <mark>', description: 'of a text file: one character, or tab' },
      { flags: '--rows <number>', description: 'how many rows are shown; default 10' },
      {
        flags: '--write [name]',
        description: 'create sources/NAME.ts; default a name by the file',
      },
      { flags: '--force', description: 'with --write: replace a source that is there' },
    ],
    examples: [
      'plumbline preview data/payments.xlsx',
      'plumbline preview data/payments.xlsx --write',
      'plumbline preview export.txt --delimiter tab --encoding windows-1252 --json',
    ],
    load: () => import('./preview.ts'),
  },
  {
    usage: 'dev',
    summary: 'load everything, serve the dashboards, run what is due, follow changes',
    description:
      'Starts Postgres, loads every source, builds the models, serves the dashboards and runs jobs when they are due, until Ctrl-C. Reads the project again when a file of it changes.',
    options: [
      { flags: '--once', description: 'load and build, then exit: 0 when all is well, else 1' },
      { flags: '--port <number>', description: 'serve the dashboards there' },
    ],
    examples: ['plumbline dev', 'plumbline dev --once', 'plumbline dev --port 8080'],
    load: () => import('./dev.ts'),
  },
  {
    usage: 'run [names...]',
    summary: 'load sources (all, or those named), then build the models',
    options: [
      {
        flags: '--deadline <length>',
        description:
          "begin nothing new after this long, e.g. '10 minutes', where a source can stop; the next run goes on",
      },
    ],
    examples: [
      'plumbline run',
      'plumbline run payments --json',
      "plumbline run activity --deadline '10 minutes'",
    ],
    load: () => import('./run.ts'),
  },
  {
    usage: 'check',
    summary: 'find mistakes in the project without running anything',
    options: [
      {
        flags: '--aws',
        description: 'with plumbline.aws.ts: what is to be on AWS, without asking AWS',
      },
    ],
    examples: [
      'plumbline check',
      'plumbline check --project examples/acme --json',
      'plumbline check --aws',
    ],
    load: () => import('./check.ts'),
  },
  {
    usage: 'status',
    summary: 'the release, what each source last delivered, what is late',
    options: [
      { flags: '--aws', description: 'of the stack on AWS: its warehouse, alarms and queues too' },
      { flags: '--connect', description: 'with --aws: what to paste into each BI tool' },
    ],
    examples: ['plumbline status', 'plumbline status --json', 'plumbline status --aws'],
    load: () => import('./status.ts'),
  },
  {
    usage: 'rejects [source]',
    summary: 'rows that were kept out, and the file for its sender with its wrong cells marked',
    description:
      'Lists the rows that were kept out by code, column and what was expected, with examples. With --xlsx it writes the workbook that was delivered again, as it was, with every wrong cell coloured and commented and a sheet that lists them; other files as a workbook of their records. OUT is a folder, or a file when one delivery is meant.',
    options: [
      { flags: '--xlsx <out>', description: 'write files for the sender, to this file or folder' },
      { flags: '--delivery <name>', description: 'of this delivery only: its file or its number' },
      { flags: '--code <code>', description: 'list only this code' },
      { flags: '--column <name>', description: 'list only this column' },
      { flags: '--limit <number>', description: 'examples of each; default 3' },
      { flags: '--force', description: 'let --xlsx replace files' },
    ],
    examples: [
      'plumbline rejects',
      'plumbline rejects payments --limit 10',
      'plumbline rejects payments --xlsx .',
      'plumbline rejects payments --xlsx march.xlsx --delivery payments-2026-03.xlsx',
    ],
    load: () => import('./rejects.ts'),
  },
  {
    usage: 'replay <source>',
    summary: 'load rejected rows and refused deliveries again, from the kept copies',
    description:
      'Reads deliveries of which something was kept out again from the landing, under the contract as it is now, and says what that changed; then makes a release. The source is not asked. After a change of the contract all deliveries are read again, as `run` does.',
    options: [
      { flags: '--delivery <delivery>', description: 'only this one: its number, path or name' },
      { flags: '--all', description: 'every delivery, whether or not rows of it were rejected' },
    ],
    examples: ['plumbline replay payments', 'plumbline replay payments --delivery 12 --json'],
    load: () => import('./replay.ts'),
  },
  {
    usage: 'changes <source>',
    summary: 'what a corrected file changed, by key and column, with before and after',
    description:
      'Compares the rows a delivery brought with those it replaced: rows added, changed and removed, per column with sums, then the rows themselves. Default: the newest delivery that replaced anything.',
    options: [
      { flags: '--delivery <delivery>', description: 'this one: its number, path or name' },
      { flags: '--limit <number>', description: 'rows listed; default 20' },
      { flags: '--offset <number>', description: 'rows passed over before the first one listed' },
    ],
    examples: [
      'plumbline changes payments',
      'plumbline changes payments --delivery 12 --limit 1000 --json',
    ],
    load: () => import('./changes.ts'),
  },
  {
    usage: 'duplicates [source]',
    summary: 'files and rows that are there more than once, told apart and counted',
    description:
      'Counts whole files, rows repeated in a delivery, and rows that several deliveries have, as they hold now. With a source: each delivery that has any. Rows of sources without a key are compared by content, all of them.',
    examples: ['plumbline duplicates', 'plumbline duplicates payments --json'],
    load: () => import('./duplicates.ts'),
  },
  {
    usage: 'schedule',
    summary: 'when each source and digest is due next',
    options: [
      { flags: '--from <instant>', description: 'ISO instant to look from; default now' },
      { flags: '--count <number>', description: 'how many to list; default 10' },
    ],
    examples: ['plumbline schedule', 'plumbline schedule --from 2026-03-01T00:00:00Z --count 20'],
    load: () => import('./schedule.ts'),
  },
  {
    usage: 'digest [name]',
    summary: 'write a digest to the outbox as .eml, or send it when mail is configured',
    description:
      'Makes the digest from the last release. It is held, and a notice says why, while newer data fails its checks or a source it is fed by is late. Without a name: the digests and when each is due.',
    options: [
      { flags: '--out <file>', description: 'write it to this file and send nothing' },
      { flags: '--date <day>', description: 'as of this day, YYYY-MM-DD; default today' },
    ],
    examples: [
      'plumbline digest',
      'plumbline digest morning-costs',
      'plumbline digest morning-costs --out costs.eml',
    ],
    load: () => import('./digest.ts'),
  },
  {
    usage: 'access',
    summary: 'who may read the database, and what it takes to make that so',
    description:
      'Shows the users and addresses that `access` in plumbline.config.ts declares, and every right to give and to take away until the database lets in those and nobody else. Changes nothing without --apply, and nothing that was not shown.',
    options: [
      { flags: '--apply', description: 'do it; new passwords are shown once, now' },
      { flags: '--rotate <user>', description: 'give this user a new password' },
      {
        flags: '--password-file <file>',
        description: 'take passwords from lines USER=PASSWORD of this file; nothing is shown then',
      },
      { flags: '--sql', description: 'show the statements too' },
    ],
    examples: [
      'plumbline access',
      'plumbline access --apply',
      'plumbline access --rotate tableau',
      'plumbline access --json',
    ],
    load: () => import('./access.ts'),
  },
  {
    usage: 'serve',
    summary: 'serve the dashboards only',
    options: [{ flags: '--port <number>', description: 'serve the dashboards there' }],
    examples: ['plumbline serve --port 8080'],
    load: () => import('./serve.ts'),
  },
  {
    usage: 'doctor',
    summary: 'look at this machine and project for what could be in the way',
    examples: ['plumbline doctor'],
    load: () => import('./doctor.ts'),
  },
  ...awsCommands,
];
