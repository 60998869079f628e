/** The code that is deployed: folders with an `index.mjs` each. */
export interface BuiltCode {
  /** By `FunctionPlan.id`. */
  readonly functions: ReadonlyMap<string, string>;
  /** The dashboards, for the proxy instance. */
  readonly web: string;
}
