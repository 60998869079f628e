/**
 * What the commands ask of AWS, as small interfaces of plain values. Every method throws
 * PlumblineError: `aws-credentials`, `aws-region`, `aws-denied`, `aws-unreachable`, or what it says.
 */
export interface Cloud {
  readonly region: string;
  /** Where the credentials are looked for: `profile 'work'`, `AWS_ACCESS_KEY_ID`. */
  readonly credentials: string;
  readonly identity: () => Promise<Identity>;
  readonly stacks: Stacks;
  readonly functions: Functions;
  readonly buckets: Buckets;
  readonly secrets: Secrets;
  readonly watch: Watch;
  readonly logs: Logs;
}

export interface Identity {
  /** Twelve digits. */
  readonly account: string;
  /** `arn:aws:iam::123456789012:user/ann` */
  readonly arn: string;
}

export interface Stacks {
  /** Undefined: there is none of this name. */
  readonly describe: (name: string) => Promise<StackState | undefined>;
  /** As it was deployed; undefined where it is no JSON. */
  readonly template: (name: string) => Promise<Template | undefined>;
  readonly resources: (name: string) => Promise<readonly StackResource[]>;
  /** Why resources could not be made, changed or removed since then, the first first. */
  readonly failures: (name: string, sinceMs: number) => Promise<readonly string[]>;
  readonly protect: (name: string, isProtected: boolean) => Promise<void>;
}

export interface StackState {
  readonly id: string;
  /** `UPDATE_COMPLETE` */
  readonly status: string;
  readonly reason: string | undefined;
  /** ISO instant of the last change. */
  readonly changedAt: string;
  readonly isProtected: boolean;
  readonly outputs: Readonly<Record<string, string>>;
}

export interface StackResource {
  readonly logicalId: string;
  readonly physicalId: string;
  readonly type: string;
  readonly status: string;
}

/** A CloudFormation template, as far as it is compared. */
export interface Template {
  readonly Resources?: Readonly<Record<string, TemplateResource>> | undefined;
}

export interface TemplateResource {
  readonly Type: string;
  readonly Properties?: Readonly<Record<string, unknown>> | undefined;
  readonly DeletionPolicy?: string | undefined;
}

export interface Functions {
  /** Waits for its answer. Throws `aws-function-failed` with what the function threw. */
  readonly invoke: (name: string, event: unknown) => Promise<unknown>;
  /** Waits only until AWS has taken the event; what comes of it is in the function's log. */
  readonly start: (name: string, event: unknown) => Promise<void>;
  /** How many invocations the account may run at once in the region, and how many nobody has reserved. */
  readonly concurrency: () => Promise<{ readonly limit: number; readonly unreserved: number }>;
}

export interface Buckets {
  /** Whose a name is in all of AWS: nobody's, this account's, or someone else's. */
  readonly owner: (name: string) => Promise<'nobody' | 'this account' | 'someone else'>;
}

export interface Secrets {
  /** Asked without reading the value. */
  readonly state: (name: string) => Promise<'absent' | 'empty' | 'filled'>;
  readonly fill: (name: string, value: string) => Promise<void>;
}

export interface Watch {
  /** Names and reasons of the alarms of this prefix that are in ALARM. */
  readonly alarms: (prefix: string) => Promise<readonly { name: string; reason: string }[]>;
  /** Messages that wait in queues; one that no metric exists of yet has none. */
  readonly queueDepths: (names: readonly string[]) => Promise<ReadonlyMap<string, number>>;
}

export interface Logs {
  /** What functions of these names wrote in a time, in its order. A group that is not there is empty. */
  readonly read: (query: LogQuery) => Promise<readonly LogLine[]>;
}

export interface LogQuery {
  readonly functionNames: readonly string[];
  readonly fromMs: number;
  readonly toMs: number;
}

export interface LogLine {
  /** Unique in its group. */
  readonly id: string;
  readonly functionName: string;
  readonly atMs: number;
  readonly text: string;
}
