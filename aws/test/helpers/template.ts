import { fieldsOf, renderValue } from '../../src/stack/checks/values.ts';
import type { Fields } from '../../src/stack/checks/values.ts';
import { resourcesOf } from '../../src/stack/template.ts';
import type { Template } from '../../src/stack/template.ts';

/** The properties of a resource; throws when it is not there. */
export function propertiesOf(template: Template, id: string): Fields {
  const resource = template.Resources[id];
  if (resource === undefined) {
    throw new Error(`no ${id} among ${Object.keys(template.Resources).join(', ')}`);
  }
  return resource.Properties ?? {};
}

export function idsOf(template: Template, type: string): readonly string[] {
  return resourcesOf(template, type).map(({ id }) => id);
}

/** The value of an output, references written `${Landing}`. */
export function outputOf(template: Template, id: string): string {
  return renderValue(template.Outputs?.[id]?.Value);
}

/** A copy with one value changed: `['Resources', 'Migrate', 'Properties', 'MemorySize']`. Undefined removes it. */
export function changed(
  template: Template,
  path: readonly (string | number)[],
  value: unknown,
): Template {
  const copy = structuredClone(template);
  let place: unknown = copy;
  for (const step of path.slice(0, -1)) {
    const next: unknown = Reflect.get(fieldsOrList(place, path), step);
    if (next === undefined) throw new Error(`no ${String(step)} in ${path.join('.')}`);
    place = next;
  }
  const last = path.at(-1) ?? '';
  const holder = fieldsOrList(place, path);
  if (value === undefined) Reflect.deleteProperty(holder, last);
  else Reflect.set(holder, last, value);
  return copy;
}

function fieldsOrList(value: unknown, path: readonly (string | number)[]): object {
  if (value !== null && typeof value === 'object') return value;
  throw new Error(`${path.join('.')} leads into ${JSON.stringify(value)}`);
}

/** `changed`, of the properties of one resource. */
export function withProperty(
  template: Template,
  [id, ...path]: readonly [string, ...(string | number)[]],
  value: unknown,
): Template {
  return changed(template, ['Resources', id, 'Properties', ...path], value);
}

export { fieldsOf, renderValue };
