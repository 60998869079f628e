import { expect, test } from 'vitest';

import { ownCommand } from '../../src/cli/own-command.ts';

test('commands are shown as they can be typed: through npm where npm started this one', () => {
  expect(ownCommand({})).toBe('plumbline');
  expect(ownCommand({ npm_execpath: '/usr/lib/node_modules/npm/bin/npm-cli.js' })).toBe(
    'npx plumbline',
  );
});
