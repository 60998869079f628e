import type { ReleaseInfo } from '../dashboard/release-info.ts';
import { Pill } from './elements.tsx';
import type { WebContext } from './web-project.ts';

/** When the numbers of a page became visible, and whether all checks passed. */
export const AsOf = ({ context, release }: { context: WebContext; release: ReleaseInfo }) => (
  <>
    As of {context.formatter.instant(release.at)} ·{' '}
    <a class="hover:underline" href={`/releases/${release.id}`} title={`Release ${release.id}`}>
      {release.verified ? (
        <Pill tone="good">verified</Pill>
      ) : (
        <Pill tone="warn">
          {release.warned} {release.warned === 1 ? 'check' : 'checks'} warned
        </Pill>
      )}
    </a>
  </>
);
