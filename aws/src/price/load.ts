/** How much a month is used, where the plan does not say it itself. */
export interface Load {
  /** Seconds that one run of a source takes, and one release, and one digest. */
  readonly secondsPerRun: number;
  /** GB that sources fetch a month, through the NAT. */
  readonly fetchedGb: number;
  /** GB in the database. */
  readonly databaseGb: number;
  /** Millions of reads and writes that Aurora makes of its storage a month. */
  readonly databaseMillionIos: number;
  /** GB of kept copies and files in the landing bucket. */
  readonly landingGb: number;
  /** Hours a day that BI tools and dashboards keep a database awake that could pause. */
  readonly biHours: number;
  /** ACU that Aurora takes while it is awake, in halves. */
  readonly awakeAcu: number;
  /** GB a month out to people and BI tools. */
  readonly egressGb: number;
  /** GB of logs a month, those of the network with them. */
  readonly logGb: number;
}

export type LoadName = 'light' | 'usual' | 'heavy';

/** Three loads to choose from; each number can be given by itself. */
export const loads: Readonly<Record<LoadName, Load>> = {
  light: {
    secondsPerRun: 15,
    fetchedGb: 1,
    databaseGb: 5,
    databaseMillionIos: 1,
    landingGb: 5,
    biHours: 2,
    awakeAcu: 1,
    egressGb: 2,
    logGb: 1,
  },
  usual: {
    secondsPerRun: 30,
    fetchedGb: 5,
    databaseGb: 20,
    databaseMillionIos: 5,
    landingGb: 20,
    biHours: 6,
    awakeAcu: 1,
    egressGb: 10,
    logGb: 2,
  },
  heavy: {
    secondsPerRun: 120,
    fetchedGb: 50,
    databaseGb: 100,
    databaseMillionIos: 50,
    landingGb: 200,
    biHours: 12,
    awakeAcu: 2,
    egressGb: 150,
    logGb: 10,
  },
};
