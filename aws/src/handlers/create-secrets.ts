import { PlumblineError } from 'plumbline/runtime';

/** The values of secrets, as a function needs them: none is ever in a log or an error. */
export interface Secrets {
  /** By variable, all of them; read once and kept for five minutes. Throws `setting-missing`. */
  readonly values: () => Promise<ReadonlyMap<string, string>>;
  /**
   * Reads all anew, after something refused one of them. Whether any is another now: only then is
   * there a reason to try again.
   */
  readonly refresh: () => Promise<boolean>;
}

/** The text of a secret; undefined when it was never given a value. Throws when it cannot be read. */
export type ReadSecret = (arn: string) => Promise<string | undefined>;

export interface SecretsOptions {
  /** ARN by variable. */
  readonly arns: ReadonlyMap<string, string>;
  readonly read: ReadSecret;
  readonly nowMs?: () => number;
}

/** A secret that was changed is known this much later at the latest. */
const keptMs = 5 * 60_000;

export function createSecrets(options: SecretsOptions): Secrets {
  const { arns, read, nowMs = Date.now } = options;
  let kept: { readonly at: number; readonly values: ReadonlyMap<string, string> } | undefined;

  async function readAll(): Promise<ReadonlyMap<string, string>> {
    const entries = await Promise.all(
      [...arns].map(async ([variable, arn]) => {
        const text = await read(arn);
        const value = text === undefined ? '' : valueOf(variable, text);
        if (value === '') throw neverFilled(variable, arn);
        return [variable, value] as const;
      }),
    );
    const values = new Map(entries);
    kept = { at: nowMs(), values };
    return values;
  }

  return {
    values: async () =>
      kept !== undefined && nowMs() - kept.at < keptMs ? kept.values : readAll(),
    refresh: async () => {
      const before = kept?.values ?? new Map<string, string>();
      kept = undefined;
      const after = await readAll();
      return [...after].some(([variable, value]) => before.get(variable) !== value);
    },
  };
}

/** The console writes a secret as JSON of names and values; a single one of that name is meant by it. */
function valueOf(variable: string, text: string): string {
  if (text.startsWith('{')) {
    try {
      const parsed: unknown = JSON.parse(text);
      const value =
        parsed !== null && typeof parsed === 'object' && variable in parsed
          ? (parsed as Record<string, unknown>)[variable]
          : undefined;
      if (typeof value === 'string') return value.trim();
    } catch {
      // Text that only begins like JSON is the value itself.
    }
  }
  // What is pasted or piped into the command line often ends in a line break.
  return text.trim();
}

function neverFilled(variable: string, arn: string): PlumblineError {
  return new PlumblineError('setting-missing', {
    message: `The secret ${variable} has no value yet.`,
    remedy: `Fill it in: \`aws secretsmanager put-secret-value --secret-id ${arn} --secret-string '…'\`; the next run finds it.`,
  });
}
