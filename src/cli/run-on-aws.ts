import { PlumblineError } from '../errors.ts';
import type { Run } from './command.ts';
import { loadAwsPackage } from './load-aws-package.ts';

/** The command of `@plumbline/aws` by this name. Throws `aws-missing`, `aws-version` and what it throws. */
export function runOnAws(name: string): Run {
  return async (invocation) => {
    const { commands } = await loadAwsPackage(invocation.start);
    const load = Object.hasOwn(commands, name) ? commands[name] : undefined;
    if (load === undefined) {
      throw new PlumblineError('aws-version', {
        message: `The @plumbline/aws that is installed has no command '${name}'.`,
      });
    }
    const { run } = await load();
    return run(invocation);
  };
}
