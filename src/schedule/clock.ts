import { Temporal } from 'temporal-polyfill';

/** Time as the worker sees it; tests pass one they move by hand. */
export interface Clock {
  /** ISO instant. May jump, forwards or back. */
  readonly now: () => string;
  /** Waits that long by a timer that does not jump; returns early when the signal aborts. */
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>;
}

/** The machine's clock. */
export const systemClock: Clock = {
  now: () => Temporal.Now.instant().toString(),
  sleep: (ms, signal) =>
    new Promise((resolve) => {
      if (signal.aborted) {
        resolve();
        return;
      }
      const done = (): void => {
        clearTimeout(timer);
        signal.removeEventListener('abort', done);
        resolve();
      };
      const timer = setTimeout(done, ms);
      signal.addEventListener('abort', done, { once: true });
    }),
};
