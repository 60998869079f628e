import type { AccessUser } from '../access/access.ts';
import { overlaps, parseRange } from '../access/address-range.ts';
import type { AddressRange } from '../access/address-range.ts';
import { userNameFault } from '../access/user-name.ts';
import { suggest } from '../contract/suggest.ts';
import type { Model } from '../model/model.ts';
import type { ConfigInput } from './config.ts';
import type { MistakeInFile } from './mistakes.ts';

type AccessInput = NonNullable<ConfigInput['access']>;

/** Mistakes in `access` that a schema cannot see: addresses and names. Its shape has been accepted. */
export function accessMistakes(access: AccessInput): readonly MistakeInFile[] {
  const mistakes: MistakeInFile[] = [];
  const ranges: { readonly range: AddressRange; readonly cidr: string }[] = [];
  for (const [index, { cidr }] of (access.allow ?? []).entries()) {
    const place = `access.allow[${index + 1}].cidr`;
    const value = `'${cidr}'`;
    const range = parseRange(cidr);
    if ('message' in range) {
      mistakes.push({ place, value, ...range });
      continue;
    }
    const other = ranges.find((each) => overlaps(each.range, range));
    if (other !== undefined) {
      const message = `'${cidr}' has addresses that '${other.cidr}' has too`;
      mistakes.push({ place, value, message, expected: 'each address once' });
    }
    ranges.push({ range, cidr });
  }
  for (const [name, { schemas }] of Object.entries(access.users ?? {})) {
    const fault = userNameFault(name);
    if (fault !== undefined) mistakes.push({ place: `access.users.${name}`, ...fault });
    const repeated = schemas.find((schema, index) => schemas.indexOf(schema) !== index);
    if (repeated === undefined) continue;
    const message = `'${repeated}' is there twice`;
    mistakes.push({ place: `access.users.${name}.schemas`, message, value: `'${repeated}'` });
  }
  return mistakes;
}

/** Why nobody is let into a schema, whatever the settings say. */
const closed: ReadonlyMap<string, string> = new Map([
  ['raw', 'holds rows that are not released yet, and rows that were replaced'],
  ['plumbline', "holds the system's own tables, and rejected rows as they were delivered"],
]);

/** Schemas that users are to read and that the project does not make. */
export function schemaMistakes(
  users: readonly AccessUser[],
  models: readonly Model[],
): readonly MistakeInFile[] {
  const known = readableSchemas(models);
  return users.flatMap(({ name, schemas }) =>
    schemas.flatMap((schema, index): readonly MistakeInFile[] => {
      if (known.includes(schema)) return [];
      const why = closed.get(schema);
      const suggestion =
        schema === 'raw' ? 'clean' : why === undefined ? suggest(schema, known) : undefined;
      return [
        {
          place: `access.users.${name}.schemas[${index + 1}]`,
          message:
            why === undefined
              ? `'${schema}' is no schema of the project's models`
              : `'${schema}' is closed to users: it ${why}`,
          value: `'${schema}'`,
          expected: `one of ${known.join(', ')}`,
          ...(suggestion === undefined ? {} : { suggestion }),
        },
      ];
    }),
  );
}

/** What a user may be given: the models' schemas and `clean`, by name. */
export function readableSchemas(models: readonly Model[]): readonly string[] {
  const schemas = new Set(['clean', ...models.map((model) => model.schema)]);
  return [...schemas].filter((schema) => !closed.has(schema)).sort();
}
