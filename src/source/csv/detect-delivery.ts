import { PlumblineError } from '../../errors.ts';
import type { DetectedSetting, LandedDelivery } from '../source.ts';
import { readHead } from './byte-reader.ts';
import type { CsvFormat } from './csv-options.ts';
import { oneColumn } from './detect-delimiter.ts';
import { type Declared, detectBytes, type DetectedText, detectText } from './detect-text.ts';
import { type Guess, percentOf, sureEnough } from './guess.ts';
import { openBytes } from './open-bytes.ts';

/** What the text of a delivery seems to be, unpacked first. Throws as `openBytes` does. */
export async function detectDelivery(
  landed: LandedDelivery,
  declared: Declared & { readonly entry?: string | undefined } = {},
): Promise<DetectedText> {
  const file = await openBytes(landed, declared.entry);
  try {
    // One byte more tells whether anything follows.
    const bytes = await readHead(file.read, detectBytes + 1);
    const whole = bytes.length <= detectBytes;
    return detectText({ bytes: bytes.subarray(0, detectBytes), whole }, declared);
  } finally {
    await file.close();
  }
}

/**
 * The format with what was left to be detected filled in, by the first bytes of the delivery: the
 * same file is always read the same way. Throws `encoding-error` or `format-error` with the
 * candidates when it is not clear enough: nothing is guessed silently.
 */
export async function resolveFormat(
  landed: LandedDelivery,
  format: CsvFormat,
): Promise<{ readonly format: CsvFormat; readonly detected: readonly DetectedSetting[] }> {
  const asksEncoding = format.encoding === 'detect';
  const asksDelimiter = format.delimiter === 'detect';
  if (!asksEncoding && !asksDelimiter) return { format, detected: [] };
  const { quote, comment } = format.dialect;
  const text = await detectDelivery(landed, {
    entry: format.entry,
    encoding: asksEncoding ? undefined : format.encoding,
    delimiter: asksDelimiter ? undefined : format.delimiter,
    quote: quote === -1 ? null : String.fromCharCode(quote),
    headerRow:
      format.header !== undefined && 'row' in format.header ? format.header.row : undefined,
    comment: comment.length === 0 ? undefined : Buffer.from(comment).toString(),
  });
  const detected: DetectedSetting[] = [];
  const settle = (setting: 'encoding' | 'delimiter', guess: Guess<string>): void => {
    if (guess.confidence < sureEnough || guess.value === 'unknown') {
      throw unclear(setting, guess, landed.name);
    }
    detected.push({ setting, value: guess.value, confidence: guess.confidence });
  };
  if (asksEncoding) settle('encoding', text.encoding);
  if (asksDelimiter) settle('delimiter', text.delimiter);
  const delimiter = text.delimiter.value;
  return {
    format: {
      ...format,
      encoding: text.encoding.value,
      delimiter,
      dialect: { ...format.dialect, delimiter: delimiter.charCodeAt(0) },
    },
    detected,
  };
}

function unclear(
  setting: 'encoding' | 'delimiter',
  guess: Guess<string>,
  name: string,
): PlumblineError {
  const candidates = [guess, ...guess.others]
    .filter(({ value }) => value !== 'unknown')
    .map(({ value, confidence, why }) =>
      why === oneColumn
        ? `one column (${percentOf(confidence)})`
        : `${JSON.stringify(value)} (${percentOf(confidence)}: ${why})`,
    );
  const code = setting === 'encoding' ? 'encoding-error' : 'format-error';
  const [likeliest] = [guess, ...guess.others].filter(({ value }) => value !== 'unknown');
  const example = JSON.stringify(likeliest?.value ?? 'windows-1252');
  return new PlumblineError(code, {
    message: `${name}: its ${setting} cannot be told for sure. It may be ${candidates.join(', or ') || 'none of those known'}.`,
    remedy: `Ask the sender, and declare it in the source, e.g. ${setting}: ${example}.`,
  });
}
