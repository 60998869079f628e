import { expect, test } from 'vitest';

import { networkOf } from '../../src/run/network-of.ts';

const networkWith = (variables: Readonly<Record<string, string>>) =>
  networkOf((name) => variables[name]);

test('private addresses are refused on AWS, unless the environment says otherwise', () => {
  const onAws = { AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs24.x' };
  expect(networkWith({})).toBe('open');
  expect(networkWith(onAws)).toBe('public-only');
  expect(networkWith({ ...onAws, PLUMBLINE_NETWORK: 'open' })).toBe('open');
  expect(networkWith({ PLUMBLINE_NETWORK: 'public-only' })).toBe('public-only');
});

test('a misspelt network is refused rather than taken for an open one', () => {
  expect(() => networkWith({ PLUMBLINE_NETWORK: 'public_only' })).toThrow(
    "PLUMBLINE_NETWORK is 'public_only'; expected 'open' or 'public-only'.",
  );
});
