import type { Schedule } from 'plumbline/runtime';

/**
 * Everything that is to be on AWS, as one plain value made from a project and its settings. The stack
 * is built from it, the price is the price of it, the summary describes it: none of them decides
 * anything by itself. No clock, no account, no file is behind it.
 */
export interface Plan {
  /** Of the stack and of everything in it: `plumbline-acme-wholesale`. */
  readonly name: string;
  /** `eu-central-1` */
  readonly region: string;
  /** Twelve digits; undefined: the account of the credentials. */
  readonly account: string | undefined;
  readonly company: string;
  /** IANA zone of the company: schedules are meant in it. */
  readonly zone: string;
  readonly size: 'small' | 'standard';
  readonly network: NetworkPlan;
  readonly database: DatabasePlan;
  readonly landing: LandingPlan;
  /** In the order of a run: sources, release, digests, migrate. */
  readonly functions: readonly FunctionPlan[];
  readonly schedules: readonly SchedulePlan[];
  readonly uploads: readonly UploadPlan[];
  readonly proxy: ProxyPlan;
  readonly access: AccessPlan;
  readonly alarms: AlarmPlan;
  /** Secrets a person fills in before the first run; those of database users are made by the stack. */
  readonly secrets: readonly SecretPlan[];
  /** Safe defaults that were given up, each with the reason that was written. */
  readonly optOuts: readonly OptOut[];
}

export type Egress = 'nat-gateway' | 'nat-instance' | 'none';

export interface NetworkPlan {
  /** `10.40.0.0/16` */
  readonly cidr: string;
  /** Two CIDRs each, one a zone. */
  readonly publicSubnets: readonly [string, string];
  readonly privateSubnets: readonly [string, string];
  readonly databaseSubnets: readonly [string, string];
  readonly egress: Egress;
  /** Of the NAT instance, e.g. `t4g.nano`. */
  readonly natInstanceType: string;
  readonly flowLogs: boolean;
  /** Interface endpoints, in one zone each: what functions need of AWS where there is no way out. */
  readonly interfaceEndpoints: readonly ('lambda' | 'secretsmanager' | 'email-smtp')[];
}

export type DatabasePlan = DatabaseCommon &
  (
    | {
        readonly kind: 'aurora-serverless';
        /** 0 to 256 in steps of 0.5; 0 lets it pause. */
        readonly minAcu: number;
        readonly maxAcu: number;
        /** Idle time before it pauses, 5 to 1440; only with `minAcu` 0. */
        readonly pauseAfterMinutes: number | undefined;
        /** A second instance in the other zone: failover in under a minute. */
        readonly standby: boolean;
      }
    | {
        readonly kind: 'rds-instance';
        /** `t4g.micro` */
        readonly instanceType: string;
        readonly storageGb: number;
        /** Storage grows by itself up to this. */
        readonly storageMaxGb: number;
        readonly standby: boolean;
      }
  );

interface DatabaseCommon {
  /** `17.6` */
  readonly engineVersion: string;
  /** The database in the server: `plumbline`. */
  readonly databaseName: string;
  readonly backupDays: number;
  readonly deletionProtection: boolean;
}

export interface LandingPlan {
  /** Its name, as sources have it; undefined: CloudFormation makes one up. */
  readonly bucket: string | undefined;
  /** Files that partners and people drop: one bucket of the stack, prefix by prefix. */
  readonly noncurrentDays: number;
  /** Kept copies move to cheaper storage after this many days; 0 keeps them where they are. */
  readonly infrequentAfterDays: number;
}

/** A login role of the database that functions use by IAM authentication. */
export type DatabaseRole = 'owner' | 'loader' | 'reader';

export interface FunctionPlan {
  /** Unique in the plan and of its resources: `ingest-payments`, `release`, `digest-morning-costs`, `migrate`. */
  readonly id: string;
  readonly kind: 'ingest' | 'release' | 'digest' | 'migrate';
  /** The source or digest; the job's name for `release` and `migrate`. */
  readonly job: string;
  /** 128 to 10240. */
  readonly memoryMb: number;
  /** 1 to 900. */
  readonly timeoutSeconds: number;
  /** 512 to 10240. */
  readonly temporaryMb: number;
  /** How many may run at once; undefined: as many as the account allows. */
  readonly reservedConcurrency: number | undefined;
  readonly databaseRoles: readonly DatabaseRole[];
  /** Names of `SecretPlan`s whose values it may read. */
  readonly secrets: readonly string[];
  /** Plain variables: what `setting('X')` names, from the settings file. */
  readonly variables: Readonly<Record<string, string>>;
  /** Objects of other buckets it may read. The landing bucket's are in `reads` with `bucket: undefined`. */
  readonly reads: readonly BucketRead[];
}

export interface BucketRead {
  /** Undefined: the stack's own landing bucket. */
  readonly bucket: string | undefined;
  /** What stands before the first wildcard of the pattern: `payments/`. */
  readonly prefix: string;
}

export interface SchedulePlan {
  /** `ingest-payments-1` */
  readonly id: string;
  /** Of the function it invokes. */
  readonly functionId: string;
  readonly job: string;
  /** The schedule of the project, for people: `every 2 weeks on Monday at 06:00`. */
  readonly description: string;
  readonly schedule: Schedule;
  /** `cron(0 6 ? * MON *)` with six fields, or `at(…)`; meant in `zone`. */
  readonly expression: string;
  readonly zone: string;
  /** Why the function asks the calendar whether a firing counts; undefined: every firing does. */
  readonly guard: string | undefined;
}

export interface UploadPlan {
  /** Of the ingest function. */
  readonly functionId: string;
  readonly source: string;
  /** Undefined: the stack's own landing bucket. */
  readonly bucket: string | undefined;
  readonly prefix: string;
  /** What stands behind the last wildcard: `.xlsx`; empty: any. */
  readonly suffix: string;
}

export interface ProxyPlan {
  /** `t4g.micro` */
  readonly instanceType: string;
  /** Of Amazon Linux 2023, pinned: `ami-…` by region, or an SSM parameter with a version. */
  readonly ami: string;
  /** 0 or 1: which of the two zones. */
  readonly zoneIndex: 0 | 1;
  readonly domain: string | undefined;
  readonly certificate:
    | { readonly kind: 'lets-encrypt'; readonly email: string; readonly hostedZoneId: string }
    | { readonly kind: 'acm'; readonly arn: string; readonly passphraseSecret: string }
    | { readonly kind: 'self-signed' };
  /** Connections to Postgres at once through the proxy, in all and from one address. */
  readonly databaseConnectionsMax: number;
  readonly databaseConnectionsPerAddress: number;
  /** Idle connections of BI tools are closed after this long, so that the database can pause. */
  readonly databaseIdleMinutes: number;
  /** Requests a second from one address to the dashboards, beyond a burst of ten seconds of them. */
  readonly requestsPerSecond: number;
}

export interface AllowEntry {
  /** `203.0.113.0/24`: of IPv4, which is all that the proxy has; normalized. */
  readonly cidr: string;
  /** Whose it is: `office`. */
  readonly note: string;
}

export interface AccessPlan {
  readonly allow: readonly AllowEntry[];
  readonly users: readonly {
    /** The login role in the database: `tableau`. */
    readonly name: string;
    readonly schemas: readonly string[];
    readonly connectionsMax: number;
  }[];
}

export interface AlarmPlan {
  readonly mail: readonly string[];
  /** A function that takes more than this share of its time limit raises an alarm. */
  readonly durationShare: number;
  readonly storageFreeGbMin: number;
  readonly acuShare: number;
  readonly logDays: number;
}

export interface SecretPlan {
  /** The variable of `secret('ACTIVITY_TOKEN')`, or `SMTP_URL`. */
  readonly name: string;
  /** Its name in Secrets Manager: `plumbline-acme-wholesale/ACTIVITY_TOKEN`. */
  readonly secretName: string;
  /** `sources/activity.ts`: who needs it; nobody any more when it only stays in the stack. */
  readonly usedBy: readonly string[];
}

export interface OptOut {
  /** `database.deletionProtection` */
  readonly setting: string;
  readonly value: string;
  readonly reason: string;
}
