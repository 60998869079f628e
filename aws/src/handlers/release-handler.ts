import type { Context } from 'aws-lambda';
import { releaseProject, systemClock } from 'plumbline/runtime';

import { createHandler, openInvocation } from './invocation.ts';
import type { FunctionParts } from './invocation.ts';
import { parseEvent } from './parse-event.ts';
import { sayLate } from './say-late.ts';

export interface ReleaseAnswer {
  readonly released: boolean;
  /** Of the release; absent when nothing had changed. */
  readonly release?: number;
  /** Checks of level error that failed: the release is held back, the last one goes on to serve. */
  readonly failed: readonly string[];
}

/**
 * The function that makes releases. A check that fails is a result: the numbers of before stay, and
 * digests say why. A fault of the system is thrown, and Lambda tries again.
 */
export function createReleaseHandler(
  parts: FunctionParts,
): (event: unknown, context: Context) => Promise<ReleaseAnswer> {
  return createHandler(parts, async (value, invocation) => {
    const { log } = invocation;
    const event = parseEvent(value, { job: parts.job, kinds: ['release'] });
    log.info('a release was asked for', { cause: event.cause });
    const open = await openInvocation(invocation, { checkAs: 'owner', archives: false });
    try {
      const began = Date.now();
      const result = await releaseProject({ open, now: systemClock.now });
      const failed = result.checks.failed
        .filter(({ level }) => level === 'error')
        .map(({ name }) => name);
      const seconds = (Date.now() - began) / 1000;
      const { released, release, models, error } = result;
      log.metrics({ Seconds: seconds });
      const say = released ? log.info : log.error;
      say(released ? 'the release was made' : 'the release is held back', {
        release: release?.id,
        failed,
        models: models.length,
        seconds,
        ...(error !== undefined && { error }),
      });
      return { released, ...(release !== undefined && { release: release.id }), failed };
    } finally {
      await sayLate(invocation, open, 'owner');
      await open.close();
    }
  });
}
