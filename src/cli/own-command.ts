/**
 * How people type this program where it was started: npm's commands are no commands of the shell, and
 * say so to what they start.
 */
export function ownCommand(variables: Readonly<Record<string, string | undefined>>): string {
  return variables['npm_execpath'] === undefined ? 'plumbline' : 'npx plumbline';
}
