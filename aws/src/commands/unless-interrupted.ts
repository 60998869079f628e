import { interruptedExitCode } from 'plumbline/runtime';
import type { Run } from 'plumbline/runtime';

/**
 * Runs a command that looks before it asks, and takes care of interruptions by itself once it has begun
 * to change anything: one that comes before has changed nothing.
 */
export function unlessInterrupted(run: Run): Run {
  return async (invocation) => {
    try {
      return await run(invocation);
    } catch (error) {
      if (!invocation.signal.aborted) throw error;
      invocation.terminal.warn('Interrupted: nothing was changed.');
      return interruptedExitCode;
    }
  };
}
