import type { ErrorCode } from '../errors.ts';
import type { Check, Materialization } from './model.ts';

export interface ModelResult {
  readonly name: string;
  readonly materialization: Materialization;
  readonly rows: number;
  /** Wall time of the refresh; 0 for a model that was left alone. */
  readonly ms: number;
  /** False when nothing it reads has changed, nor its definition. */
  readonly refreshed: boolean;
}

export interface ProcedureResult {
  readonly name: string;
  readonly ms: number;
  /** False when nothing it reads has changed, nor its definition. */
  readonly called: boolean;
}

export interface CheckResult {
  readonly name: string;
  readonly model: string | undefined;
  readonly level: Check['level'];
  readonly status: 'passed' | 'warned' | 'failed';
  /** Rows that are wrong. */
  readonly rows: number;
  /** Up to five of them; values as Postgres writes them. */
  readonly sample: readonly Readonly<Record<string, string | null>>[];
  readonly ms: number;
}

/** A check that found wrong rows, at either level. */
export type FailedCheck = Pick<CheckResult, 'name' | 'level' | 'rows' | 'sample'>;

export interface ReleaseResult {
  /**
   * True when what readers see is up to date: a new release was made, or nothing had changed. False
   * when this one is held; readers then go on seeing `release`, the one before.
   */
  readonly released: boolean;
  /** The release readers see; undefined when there has been none. */
  readonly release: ReleaseSummary | undefined;
  /** In the order in which they were refreshed. */
  readonly models: readonly ModelResult[];
  readonly procedures: readonly ProcedureResult[];
  readonly checks: {
    readonly passed: number;
    /** Checks of level warn that found wrong rows; listed in `failed` too. */
    readonly warned: number;
    readonly failed: readonly FailedCheck[];
  };
  /** Why the release is held, when it was no check. */
  readonly error?: ReleaseError;
}

export interface ReleaseSummary {
  readonly id: number;
  /** ISO instant. */
  readonly at: string;
  /** Every check passed, those of level warn included. */
  readonly verified: boolean;
}

export interface ReleaseError {
  readonly code: ErrorCode;
  readonly message: string;
  readonly remedy: string;
}

/** What happens during a release, for the display of progress. */
export type ReleaseEvent =
  | ({ readonly kind: 'model' } & ModelResult)
  | ({ readonly kind: 'procedure' } & ProcedureResult)
  | ({ readonly kind: 'check' } & CheckResult);
