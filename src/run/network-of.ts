import { PlumblineError } from '../errors.ts';
import type { Environment } from '../project/environment.ts';
import type { Network } from '../source/location/address-guard.ts';

/**
 * Where sources may go: as `PLUMBLINE_NETWORK` says. On AWS, where a private address is that of
 * something else in the company's network, to public ones only; `AWS_EXECUTION_ENV` is set in Lambda
 * functions and containers. Throws `usage`.
 */
export function networkOf(env: Environment): Network {
  const said = env('PLUMBLINE_NETWORK');
  if (said === undefined) return env('AWS_EXECUTION_ENV') === undefined ? 'open' : 'public-only';
  if (said === 'open' || said === 'public-only') return said;
  throw new PlumblineError('usage', {
    message: `PLUMBLINE_NETWORK is '${said}'; expected 'open' or 'public-only'.`,
    remedy: 'Correct the variable in the environment.',
  });
}
