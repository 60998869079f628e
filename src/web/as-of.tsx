import type { ReleaseInfo } from '../dashboard/release-info.ts';
import { Pill } from './elements.tsx';
import type { WebContext } from './web-project.ts';

/** When the numbers of a page became visible, and whether all checks passed. */
export const AsOf = ({ context, release }: { context: WebContext; release: ReleaseInfo }) => (
  <>
    As of {context.formatter.moment(release.at, context.today)} ·{' '}
    <a class="link text-inherit" href={`/releases/${release.id}`}>
      release {release.id}
    </a>{' '}
    {release.verified ? (
      <Pill tone="good">verified</Pill>
    ) : (
      <Pill tone="warn">
        {release.warned} {release.warned === 1 ? 'check' : 'checks'} warned
      </Pill>
    )}
  </>
);
