import type { Terminal } from 'plumbline/runtime';

/** Prints one line for each step of a long command, and what goes on while it runs. */
export interface Steps {
  /** `  Account    1111…, eu-central-1` when the work is done; what it throws passes through. */
  readonly run: <T>(name: string, work: () => Promise<T>, say: (value: T) => string) => Promise<T>;
}

const width = 12;

export function createSteps({ print, progress, paint }: Terminal): Steps {
  return {
    run: async (name, work, say) => {
      progress(`${name} …`);
      const value = await work();
      const [first = '', ...more] = say(value).split('\n');
      print(`${paint.good('✓')} ${paint.strong(name.padEnd(width))} ${first}`);
      for (const line of more) print(`  ${' '.repeat(width)} ${line}`);
      return value;
    },
  };
}
