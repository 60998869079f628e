import type { Terminal } from 'plumbline/runtime';

import { describeEvent, parseCdkEvent } from './cdk-progress.ts';

/** Takes what the CDK prints: events pass by, failures stay. */
export interface CdkLines {
  readonly take: (line: string) => void;
  /** The last line that says something of an error; else the last at all. */
  readonly last: () => string | undefined;
}

/** How many events go by before one is printed where nobody watches, so that a log shows life. */
const everyEvents = 25;

export function cdkLines({ progress, print, paint }: Terminal): CdkLines {
  let last: string | undefined;
  let wrong: string | undefined;
  let events = 0;
  return {
    take: (line) => {
      const text = line.trim();
      if (text === '') return;
      const event = parseCdkEvent(line);
      if (event === undefined) {
        last = text;
        if (/error|fail|❌|denied|invalid/i.test(text)) wrong = text;
        if (/success|Publishing|changeset|deploying|destroying/.test(text)) progress(text);
        return;
      }
      const shown = describeEvent(event);
      if (event.status.endsWith('_FAILED')) print(`  ${paint.bad(shown)}`);
      else progress(shown);
      events += 1;
      if (events % everyEvents === 0) print(`  ${paint.faint(shown)}`);
    },
    last: () => (wrong ?? last)?.replace(/^❌\s*/u, '').replace(/\.$/, ''),
  };
}
