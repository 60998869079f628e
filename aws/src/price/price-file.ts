/** List prices of a region in dollars, as decimal text. `month`: 730 hours, as AWS reckons. */
export interface RegionPrices {
  /** An hour of an RDS instance for PostgreSQL in one zone, by type without `db.`. */
  readonly rdsInstanceHour: Readonly<Record<string, string>>;
  /** A GB-month of gp3 in one zone. */
  readonly rdsStorageGb: string;
  readonly auroraAcuHour: string;
  readonly auroraStorageGb: string;
  readonly auroraMillionIos: string;
  /** An hour of an EC2 instance with Linux, by type. */
  readonly instanceHour: Readonly<Record<string, string>>;
  /** A GB-month of gp3. */
  readonly diskGb: string;
  /** An hour of a public IPv4 address. */
  readonly addressHour: string;
  readonly natGatewayHour: string;
  readonly natGatewayGb: string;
  /** An hour of an interface endpoint in one zone. */
  readonly endpointHour: string;
  /** A GB out to the internet, after what is free. */
  readonly egressGb: string;
  /** A GB-second of Lambda on Arm. */
  readonly lambdaGbSecond: string;
  readonly lambdaMillionRequests: string;
  /** A GB-second of disk beyond 512 MB. */
  readonly lambdaDiskGbSecond: string;
  readonly schedulerMillion: string;
  readonly s3Gb: string;
  readonly s3ThousandPuts: string;
  readonly secretMonth: string;
  readonly alarmMonth: string;
  readonly logGb: string;
  readonly thousandMails: string;
}

export interface PriceFile {
  /** The month they are of: `2026-11`. */
  readonly date: string;
  readonly regions: Readonly<Record<string, RegionPrices>>;
  /** What every account has free each month, for good; not the offers to new accounts. */
  readonly free: {
    readonly egressGb: number;
    readonly lambdaGbSeconds: number;
    readonly lambdaRequests: number;
    readonly schedulerInvocations: number;
    readonly alarms: number;
    readonly logGb: number;
  };
  /** The page a price is from. */
  readonly pages: Readonly<Record<keyof RegionPrices, string>>;
}
