import type { Command } from './command.ts';
import { runOnAws } from './run-on-aws.ts';

const byAws = (name: string): Command['load'] => {
  return () => Promise.resolve({ run: runOnAws(name) });
};

const yes = { flags: '--yes', description: 'do not ask: what is shown is agreed to' };
const dryRun = { flags: '--dry-run', description: 'do all of it but the changes' };

/**
 * The commands of `@plumbline/aws`, known here so that `--help` lists them wherever plumbline runs.
 * What they do is in that package; nothing of AWS is.
 */
export const awsCommands: readonly Command[] = [
  {
    usage: 'cost',
    summary: 'on AWS: what a month costs, line by line, before it is spent',
    description:
      'Prices what plumbline.aws.ts says, or both sizes when there is none, from the list prices of a month, line by line with what drives each; then every size with every way out.',
    options: [
      { flags: '--size <size>', description: 'small or standard, whatever the settings say' },
      {
        flags: '--load <load>',
        description: "light, usual or heavy, or numbers such as 'bi=10,database=50'; default usual",
      },
      {
        flags: '--run <report>',
        description: 'only what one run cost: the REPORT line of Lambda, or its MB and ms',
      },
    ],
    examples: [
      'plumbline cost',
      'plumbline cost --size standard --load heavy',
      "plumbline cost --load 'bi=10,database=50' --json",
      "plumbline cost --run '1024 MB, 30000 ms'",
    ],
    load: byAws('cost'),
  },
  {
    usage: 'diff',
    summary: 'on AWS: what a deployment would change',
    description:
      'Does what deploy does up to the question, and changes nothing: checks the project, bundles, synthesizes, and compares with what is deployed. Exit code 0 whether or not anything differs.',
    options: [{ flags: '--offline', description: 'ask AWS nothing: what the stack would be' }],
    examples: ['plumbline diff', 'plumbline diff --offline --json'],
    load: byAws('diff'),
  },
  {
    usage: 'deploy',
    summary: 'on AWS: create or change the stack of this project',
    description:
      'Checks the project, the credentials and the account, bundles the functions, synthesizes the stack, holds it against all checks, shows price, security and what changes, asks, deploys by the CDK, migrates the warehouse, and says what to do next. Nothing is created before the question.',
    options: [
      yes,
      dryRun,
      { flags: '--bootstrap', description: 'prepare account and region for the CDK if need be' },
      {
        flags: '--without-secrets',
        description: 'deploy though secrets have no value yet; sources that need them fail',
      },
      {
        flags: '--replace-data',
        description:
          'agree that what holds data is replaced or removed, secrets that nothing uses any more too',
      },
    ],
    examples: ['plumbline deploy', 'plumbline deploy --dry-run', 'plumbline deploy --yes --json'],
    load: byAws('deploy'),
  },
  {
    usage: 'logs [names...]',
    summary: 'on AWS: what the functions wrote, of all jobs or those named',
    options: [
      { flags: '--aws', description: 'of the functions on AWS; the only logs there are' },
      { flags: '--since <length>', description: "how far back, e.g. '2 days'; default '1 hour'" },
      { flags: '--errors', description: 'warnings and errors only' },
      { flags: '--follow', description: 'go on until Ctrl-C' },
    ],
    examples: [
      'plumbline logs --aws',
      "plumbline logs --aws payments release --since '6 hours' --errors",
      'plumbline logs --aws --follow',
    ],
    load: byAws('logs'),
  },
  {
    usage: 'destroy',
    summary: 'on AWS: remove the stack; says what stays, and deletes no data unasked',
    options: [
      { flags: '--yes', description: 'do not ask; needs --name' },
      { flags: '--name <stack>', description: 'the name of the stack, as the question asks it' },
      dryRun,
    ],
    examples: ['plumbline destroy', 'plumbline destroy --yes --name plumbline-acme-wholesale'],
    load: byAws('destroy'),
  },
];
