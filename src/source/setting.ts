import { PlumblineError } from '../errors.ts';

/** A value that is not in the project's files: it is read from the environment at run time. */
export interface Setting {
  readonly kind: 'setting' | 'secret';
  /** The variable's name in the environment, the project's .env or what its setup returns. */
  readonly name: string;
  readonly fallback: string | undefined;
}

/** A value written in a source's file, or the name of one that is not. */
export type SettingValue = string | Setting;

/**
 * A variable that may be shown, such as an address: `setting('ACTIVITY_URL')`. The second argument
 * is used when the variable is absent or empty.
 */
export function setting(name: string, fallback?: string): Setting {
  return { kind: 'setting', name, fallback };
}

/** A variable that is never shown: not in errors, logs, landing files or names of deliveries. */
export function secret(name: string): Setting {
  return { kind: 'secret', name, fallback: undefined };
}

/** The value at run time. Throws `setting-missing` naming the variable when there is none. */
export function resolveSetting(
  value: SettingValue,
  env: (name: string) => string | undefined,
): string {
  if (typeof value === 'string') return value;
  const found = env(value.name);
  if (found !== undefined && found !== '') return found;
  if (value.fallback !== undefined) return value.fallback;
  throw new PlumblineError('setting-missing', {
    message: `The variable ${value.name} is not set; a source reads ${value.kind === 'secret' ? 'a secret' : 'a setting'} from it.`,
    remedy: `Set ${value.name} in the environment or in the project's .env file.`,
  });
}

/** Every setting among the options of a connector, each name once, in the order they are written. */
export function settingsIn(options: unknown): readonly Setting[] {
  const found = new Map<string, Setting>();
  const seen = new Set<object>();
  const visit = (value: unknown): void => {
    if (value === null || typeof value !== 'object' || seen.has(value)) return;
    seen.add(value);
    if (isSetting(value)) found.set(value.name, value);
    else for (const each of Object.values(value)) visit(each);
  };
  visit(options);
  return [...found.values()];
}

function isSetting(value: object): value is Setting {
  return (
    'kind' in value &&
    (value.kind === 'setting' || value.kind === 'secret') &&
    'name' in value &&
    typeof value.name === 'string' &&
    'fallback' in value
  );
}

/** How a value may be shown to people: as written, or as `$NAME`. */
export function describeSetting(value: SettingValue): string {
  return typeof value === 'string' ? value : `$${value.name}`;
}
