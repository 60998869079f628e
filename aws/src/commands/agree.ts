import type { Invocation } from 'plumbline/runtime';

/** Whether it was agreed to: by `--yes`, or by the answer to the question. Nothing but yes is yes. */
export async function agree(invocation: Invocation, question: string): Promise<boolean> {
  const { terminal, options, signal } = invocation;
  if (options['yes'] === true) return true;
  const answer = await terminal.ask(`${question} [y/N]`, signal);
  return /^y(?:es)?$/i.test(answer);
}
