/** Reading values of a template, which may be anything. */

export type Fields = Readonly<Record<string, unknown>>;

export function isFields(value: unknown): value is Fields {
  return value !== null && typeof value === 'object' && !Array.isArray(value);
}

export function fieldsOf(value: unknown): Fields {
  return isFields(value) ? value : {};
}

/** A list as it is, one value as a list of it, nothing as none. */
export function listOf(value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value;
  return value === undefined ? [] : [value];
}

export function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

export function numberOf(value: unknown): number | undefined {
  if (typeof value === 'number') return value;
  return typeof value === 'string' && /^\d+(?:\.\d+)?$/.test(value) ? Number(value) : undefined;
}

/**
 * A value as one line, references written `${Database.Arn}`: what people read in a summary and what
 * checks look for wildcards in.
 */
export function renderValue(value: unknown): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  if (Array.isArray(value)) return value.map((each) => renderValue(each)).join(', ');
  if (!isFields(value)) return '';
  const [[key, argument] = ['', undefined]] = Object.entries(value);
  if (Object.keys(value).length !== 1) return JSON.stringify(value);
  switch (key) {
    case 'Ref':
      return `\${${renderValue(argument)}}`;
    case 'Fn::GetAtt':
      return `\${${listOf(argument)
        .map((part) => renderValue(part))
        .join('.')}}`;
    case 'Fn::Join': {
      const [separator, parts] = listOf(argument);
      return listOf(parts)
        .map((part) => renderValue(part))
        .join(renderValue(separator));
    }
    case 'Fn::Sub':
      return renderSub(argument);
    case 'Fn::Base64':
      return renderValue(argument);
    case 'Fn::Select':
    case 'Fn::Split':
      return `\${${key.slice(4)}}`;
    default:
      return JSON.stringify(value);
  }
}

function renderSub(argument: unknown): string {
  const [text, variables] = listOf(argument);
  const known = fieldsOf(variables);
  return renderValue(text).replaceAll(/\$\{([^}!]+)\}/g, (whole, name: string) =>
    Object.hasOwn(known, name) ? renderValue(known[name]) : whole,
  );
}
