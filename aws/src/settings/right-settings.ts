import type { AwsSettings } from './define-aws.ts';

/** What stands for keys that must be there and are not, or are not right: to be priced, not deployed. */
export const standInSettings: AwsSettings = {
  region: 'us-east-1',
  size: 'small',
  proxy: {
    certificate: { value: 'self-signed', because: 'only to be priced' },
    ami: { value: 'latest', because: 'only to be priced' },
  },
  alarms: { mail: { value: [], because: 'only to be priced' } },
};

/** The settings without the keys that the schema did not accept, so that the rest can be looked at. */
export function rightSettings(settings: object, wrongKeys: readonly string[]): AwsSettings {
  const right = Object.entries(settings).filter(([key]) => !wrongKeys.includes(key));
  return { ...standInSettings, ...Object.fromEntries(right) };
}
