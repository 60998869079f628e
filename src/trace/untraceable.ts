/** Why the rows under a number cannot be found; never leaves this folder. */
export class Untraceable extends Error {
  override readonly name = 'Untraceable';
}
