/** One event of a stack, as the CDK prints it. */
export interface CdkEvent {
  /** `12/63`; absent of a stack that is removed. */
  readonly count: string;
  readonly status: string;
  readonly type: string;
  readonly rest: string;
}

/** `plumbline-acme | 12/63 | 10:01:22 AM | CREATE_COMPLETE | AWS::EC2::VPC | Vpc …`; undefined for other lines. */
export function parseCdkEvent(line: string): CdkEvent | undefined {
  const parts = line.split(' | ').map((part) => part.trim());
  const at = parts.findIndex((part) => /^[A-Z_]+_(?:IN_PROGRESS|COMPLETE|FAILED)$/.test(part));
  if (at < 1) return undefined;
  return {
    count: parts.find((part) => /^\d+\/\d+$/.test(part)) ?? '',
    status: parts[at] ?? '',
    type: parts[at + 1] ?? '',
    rest: parts.slice(at + 2).join(' | '),
  };
}

/** `12/63 CREATE_COMPLETE Vpc (AWS::EC2::VPC)` */
export const describeEvent = ({ count, status, type, rest }: CdkEvent): string =>
  `${count} ${status} ${rest} (${type})`.trim();
