import type { CloudPlace } from './cloud-error.ts';

/** What every client is made with, and how its faults are told. */
export interface Connection extends CloudPlace {
  readonly signal: AbortSignal;
  /** Gives what the work gives; what it throws is told as a PlumblineError. */
  readonly guard: <T>(work: () => Promise<T>) => Promise<T>;
}
