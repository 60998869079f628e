import { PlumblineError } from '../../errors.ts';
import { listPaths } from './json-fields.ts';

const everything = { pathsMax: Infinity, depthMax: Infinity };

/** Finds fields that nothing in the contract stands for. */
export interface UnnamedFields {
  /** Throws `delivery-rejected` for a record that has one. */
  readonly check: (line: Buffer, start: number, place: string) => void;
}

/**
 * Knows the paths that are read, and with them what is inside of them and around them. `what` names
 * the delivery.
 */
export function createUnnamedFields(paths: Iterable<string>, what: string): UnnamedFields {
  const known = [...paths];
  // Records of one API are alike: each path is looked at once.
  const seen = new Map<string, boolean>();
  const isKnown = (path: string): boolean =>
    known.some(
      (each) =>
        each === '.' || each === path || path.startsWith(`${each}.`) || each.startsWith(`${path}.`),
    );
  return {
    check: (line, start, place) => {
      for (const path of listPaths(line, start, everything)) {
        const is = seen.get(path) ?? isKnown(path);
        seen.set(path, is);
        if (is) continue;
        throw new PlumblineError('delivery-rejected', {
          message: `${what}: ${place} has '${path}', which the contract does not name, and extraColumns is 'refuse'.`,
          remedy: "Add the field to the contract, or remove `extraColumns` from the source's file.",
        });
      }
    },
  };
}
