import type { Reasoned } from './reasoned.ts';

/** What `plumbline.aws.ts` may say. docs/aws-settings.md has every key with its default. */
export interface AwsSettings {
  /** Where everything is: `'eu-central-1'`. */
  readonly region: string;
  /** Twelve digits: a deploy with credentials of another account is refused. Default: any account. */
  readonly account?: string;
  /** Of the stack and the beginning of every name in it. Default: `plumbline-` and the company's. */
  readonly name?: string;
  /** The defaults of all that follows: `'small'` about $37 a month, `'standard'` about $80. */
  readonly size: 'small' | 'standard';
  readonly network?: NetworkSettings;
  readonly database?: DatabaseSettings;
  readonly landing?: LandingSettings;
  readonly functions?: FunctionSettings & {
    /** By function, for what differs: `'ingest-payments'`, `'release'`, `'digest-morning'`, `'migrate'`. */
    readonly only?: Readonly<Record<string, FunctionSettings>>;
  };
  readonly proxy: ProxySettings;
  readonly alarms: AlarmSettings;
  /** Values of `setting('NAME')` in sources; secrets are not written here. */
  readonly variables?: Readonly<Record<string, string>>;
}

export interface NetworkSettings {
  /** A private range of /16 to /20. Default `'10.40.0.0/16'`. */
  readonly cidr?: string;
  /** Default: cut out of `cidr`, one a zone; so are the next two. */
  readonly publicSubnets?: readonly [string, string];
  /** Of the functions; /22 or larger each. */
  readonly privateSubnets?: readonly [string, string];
  readonly databaseSubnets?: readonly [string, string];
  /** How functions reach the internet. Default by size: `'nat-instance'`, `'nat-gateway'`. */
  readonly egress?: 'nat-gateway' | 'nat-instance' | 'none';
  /** Default `'t4g.nano'`. */
  readonly natInstanceType?: string;
  /** Default true; false takes a reason. */
  readonly flowLogs?: Reasoned<true, false>;
}

export interface DatabaseSettings {
  /** Default by size: `'rds-instance'`, `'aurora-serverless'`. */
  readonly kind?: 'rds-instance' | 'aurora-serverless';
  /** Default `'17.6'`. */
  readonly engineVersion?: string;
  /** The database in the server. Default `'plumbline'`. */
  readonly databaseName?: string;
  /** Days backups are kept. Default by size: 7, 14; fewer than 7 take a reason. */
  readonly backupDays?: Reasoned<number>;
  /** Default true; false takes a reason. */
  readonly deletionProtection?: Reasoned<true, false>;
  /** A second server in the other zone. Default false. */
  readonly standby?: boolean;
  /** Of Aurora: 0 to 256 in steps of 0.5; 0 lets it pause. Default 0. */
  readonly minAcu?: number;
  /** Of Aurora: 1 to 256 in steps of 0.5. Default 2. */
  readonly maxAcu?: number;
  /** Of Aurora with `minAcu` 0: idle minutes before it pauses, 5 to 1440. Default 15. */
  readonly pauseAfterMinutes?: number;
  /** Of an RDS instance. Default `'t4g.micro'`. */
  readonly instanceType?: string;
  /** Of an RDS instance: 20 to 65536. Default 20. */
  readonly storageGb?: number;
  /** Of an RDS instance: storage grows by itself up to this. Default 100. */
  readonly storageMaxGb?: number;
}

export interface LandingSettings {
  /**
   * The name of the bucket that the stack makes, as sources have it: `s3('acme-landing/payments/*.xlsx')`.
   * Names of buckets are unique in the world. Default: AWS makes one up.
   */
  readonly bucket?: string;
  /** Days that overwritten and deleted objects are kept. Default 30; fewer than 7 take a reason. */
  readonly noncurrentDays?: Reasoned<number>;
  /** Days after which kept copies move to cheaper storage, 30 or more; 0 never. Default 90. */
  readonly infrequentAfterDays?: number;
}

export interface FunctionSettings {
  /** 128 to 10240. A vCPU comes with every 1769 MB. */
  readonly memoryMb?: number;
  /** 1 to 900. */
  readonly timeoutSeconds?: number;
  /** 512 to 10240: where a delivery lies while it is loaded. */
  readonly temporaryMb?: number;
  /** How many may run at once, so that connections to the database stay few; `'off'` takes a reason. */
  readonly reservedConcurrency?: Reasoned<number, 'off'>;
}

export type CertificateSettings =
  /** Made and renewed by itself; a record in the domain's hosted zone proves the domain. */
  | { readonly kind: 'lets-encrypt'; readonly email: string; readonly hostedZoneId: string }
  /** An exportable one of AWS Certificate Manager. */
  | { readonly kind: 'acm'; readonly arn: string; readonly passphraseSecret: string };

export interface ProxySettings {
  /** The name of the dashboards: `'numbers.example.com'`. Only without it may they be self-signed. */
  readonly domain?: string;
  readonly certificate: Reasoned<CertificateSettings, 'self-signed'>;
  /**
   * The machine image, pinned: `'ami-…'`, or an SSM parameter with its version. `'latest'`, which
   * exchanges the machine at a deploy when there is a newer image, takes a reason.
   */
  readonly ami: Reasoned<string, 'latest'>;
  /** Default `'t4g.micro'`. */
  readonly instanceType?: string;
  /** Which of the two zones it is in: 0 or 1. Default 0. */
  readonly zoneIndex?: 0 | 1;
  /** Connections to Postgres at once through the proxy. Default 50. */
  readonly databaseConnectionsMax?: number;
  /** Of them from one address. Default 20. */
  readonly databaseConnectionsPerAddress?: number;
  /** Minutes after which idle connections of BI tools are closed. Default 30. */
  readonly databaseIdleMinutes?: number;
  /** Requests a second from one address to the dashboards. Default 10. */
  readonly requestsPerSecond?: number;
}

export interface AlarmSettings {
  /** Who is told; none takes a reason. */
  readonly mail: Reasoned<readonly string[]>;
  /** A function that takes more than this share of its time limit raises an alarm. Default 0.8: a load stops at 0.75 and goes on. */
  readonly durationShare?: number;
  /** Of an RDS instance: free storage below this raises an alarm. Default 4. */
  readonly storageFreeGbMin?: number;
  /** Of Aurora: use above this share of `maxAcu` for half an hour raises an alarm. Default 0.9. */
  readonly acuShare?: number;
  /** Days that logs are kept, one of those CloudWatch has. Default 90. */
  readonly logDays?: number;
}

/** Types the settings while they are written, in `plumbline.aws.ts`; checks nothing by itself. */
export function defineAws(settings: AwsSettings): AwsSettings {
  return settings;
}
