#!/usr/bin/env node
// Plain JavaScript that an old Node can parse: it must be able to say that it is too old.
const needed = [22, 18];
const [major, minor] = process.versions.node.split('.').map(Number);
if (major < needed[0] || (major === needed[0] && minor < needed[1])) {
  process.stderr.write(
    'error[node-too-old]: plumbline needs Node ' +
      needed.join('.') +
      ' or newer; this is Node ' +
      process.versions.node +
      '.\n  Install a current Node from https://nodejs.org, or run `npm install node@24` beside plumbline.\n',
  );
  process.exitCode = 2;
} else {
  import('../dist/cli.js').then(
    (cli) => cli.main(process.argv.slice(2)),
    (error) => {
      process.stderr.write(String((error && error.stack) || error) + '\n');
      process.exitCode = 3;
    },
  );
}
