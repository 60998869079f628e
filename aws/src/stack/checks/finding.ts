import type { Template } from '../template.ts';

/** Something in a template that must not be deployed. */
export interface Finding {
  /** The check that found it: `open-ingress`. */
  readonly check: string;
  /** Logical id: `ProxySecurityGroup`. */
  readonly resource: string;
  /** What is wrong, with the value seen and what is expected; a sentence without a full stop. */
  readonly message: string;
}

/** What a check finds; its own name is added by whoever runs it. */
export type Found = Omit<Finding, 'check'>;

/** One check over a whole template. */
export interface Check {
  /** `open-ingress` */
  readonly name: string;
  /** What holds when it finds nothing, for people: `nothing lets all addresses in`. */
  readonly promise: string;
  readonly find: (template: Template) => readonly Found[];
}
