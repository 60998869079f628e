/**
 * What the proxy needs to know of the stack it stands in. In the stack these are references that
 * CloudFormation fills in (tokens); the generators only ever put them into text.
 */
export interface ProxyRefs {
  /** The endpoint that follows the writer; also the name in the database's certificate. */
  readonly databaseHost: string;
  /** `eu-central-1` */
  readonly region: string;
  /** `s3://bucket/key` of the zipped dashboards (`BuiltCode.web`). */
  readonly webCode: string;
  /** `digestFolder(BuiltCode.web)`: what is unpacked must have it, or it is not run. */
  readonly webDigest: string;
  /** The elastic IP address; the name of the pages where the plan has no domain. */
  readonly proxyAddress: string;
  readonly landingBucket: string;
}

/**
 * Stand-ins for the references in files that are compressed before CloudFormation knows the values;
 * the set-up puts the values in (`create-user-data.ts`).
 */
export const placeholders: ProxyRefs = {
  databaseHost: '@DATABASE_HOST@',
  region: '@REGION@',
  webCode: '@WEB_CODE@',
  webDigest: '@WEB_DIGEST@',
  proxyAddress: '@PROXY_ADDRESS@',
  landingBucket: '@LANDING_BUCKET@',
};
