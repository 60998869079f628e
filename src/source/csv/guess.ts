/** What was concluded from a sample, and how sure that is. */
export interface Guess<T> {
  readonly value: T;
  /** 0 to 1: how likely the value is right, as far as the sample and the method can tell. */
  readonly confidence: number;
  /** One clause for people: what was seen. */
  readonly why: string;
  /** What else it could be, likeliest first. */
  readonly others: readonly Omit<Guess<T>, 'others'>[];
}

/** From here on a guess is acted on where the source says `'detect'`; below, someone must decide. */
export const sureEnough = 0.95;

/** `0.973` as `97 %`; never 100 % for what is not certain. */
export const percentOf = (confidence: number): string =>
  `${confidence >= 1 ? 100 : Math.min(99, Math.floor(confidence * 100))} %`;

/** The best of some candidates with scores from 0, which are compared as shares of their sum. */
export function bestGuess<T>(
  candidates: readonly { readonly value: T; readonly score: number; readonly why: string }[],
): Guess<T> | undefined {
  const total = candidates.reduce((sum, { score }) => sum + score, 0);
  const sorted = candidates.toSorted((a, b) => b.score - a.score);
  const [best, ...rest] = sorted;
  if (best === undefined || total === 0) return undefined;
  const others = rest
    .filter(({ score }) => score / total >= 0.01)
    .map(({ value, score, why }) => ({ value, confidence: score / total, why }));
  return { value: best.value, confidence: best.score / total, why: best.why, others };
}
