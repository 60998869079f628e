import { Pill } from '../elements.tsx';
import type { Tone } from '../elements.tsx';

const tones: Readonly<Record<string, Tone>> = {
  loaded: 'good',
  balanced: 'good',
  agrees: 'good',
  differs: 'bad',
  released: 'good',
  passed: 'good',
  fresh: 'good',
  succeeded: 'good',
  superseded: 'plain',
  'duplicate-file': 'plain',
  landed: 'plain',
  loading: 'plain',
  late: 'warn',
  warned: 'warn',
  rejected: 'bad',
  failed: 'bad',
  held: 'bad',
};

/** The state of a batch, release, check or source. */
export const State = ({ state }: { state: string }) => (
  <Pill tone={tones[state] ?? 'plain'}>{state}</Pill>
);
