import type { Clock } from '../../src/schedule/clock.ts';

interface Sleeper {
  readonly wakeAt: number;
  readonly resolve: () => void;
}

/** A clock that stands still until a test moves it. */
export interface ManualClock extends Clock {
  /** Lets time pass up to an instant: sleepers whose time has come wake. */
  readonly passTo: (instant: string) => void;
  /** Shows another time without any having passed, as when someone sets the clock. */
  readonly setTo: (instant: string) => void;
  /** Resolves once at least `count` sleepers wait. */
  readonly sleeping: (count?: number) => Promise<void>;
}

export function createManualClock(start: string): ManualClock {
  let shownMs = Date.parse(start);
  /** What timers go by; unlike what is shown it never jumps. */
  let elapsedMs = 0;
  const sleepers = new Set<Sleeper>();
  let watchers: { count: number; resolve: () => void }[] = [];
  const notify = (): void => {
    for (const { resolve } of watchers.filter(({ count }) => sleepers.size >= count)) resolve();
    watchers = watchers.filter(({ count }) => sleepers.size < count);
  };
  return {
    now: () => new Date(shownMs).toISOString(),
    sleep: (ms, signal) =>
      new Promise((resolve) => {
        if (signal.aborted) {
          resolve();
          return;
        }
        const sleeper = {
          wakeAt: elapsedMs + ms,
          resolve: () => {
            sleepers.delete(sleeper);
            resolve();
          },
        };
        sleepers.add(sleeper);
        signal.addEventListener('abort', sleeper.resolve, { once: true });
        notify();
      }),
    passTo: (instant) => {
      elapsedMs += Date.parse(instant) - shownMs;
      shownMs = Date.parse(instant);
      for (const sleeper of sleepers) if (sleeper.wakeAt <= elapsedMs) sleeper.resolve();
    },
    setTo: (instant) => {
      shownMs = Date.parse(instant);
    },
    sleeping: (count = 1) =>
      new Promise((resolve) => {
        watchers.push({ count, resolve });
        notify();
      }),
  };
}
