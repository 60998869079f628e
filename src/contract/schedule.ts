/** Days as people write them. */
export type Weekday =
  | 'monday'
  | 'tuesday'
  | 'wednesday'
  | 'thursday'
  | 'friday'
  | 'saturday'
  | 'sunday';

/** When a job is due, in the company's zone. Built by `every` and `cron`; a plain value. */
export type Schedule =
  | {
      readonly kind: 'daily';
      /** `HH:MM`, 24 hours. */
      readonly time: string;
    }
  | {
      readonly kind: 'weekly';
      /** Every how many weeks, 1 to 52. */
      readonly weeks: number;
      readonly weekday: Weekday;
      readonly time: string;
      /**
       * `YYYY-MM-DD`: nothing is due before it, and weeks are counted from the one it lies in.
       * Undefined: weeks are counted from that of 1970-01-05.
       */
      readonly startDate: string | undefined;
    }
  | {
      readonly kind: 'monthly';
      /** 1 to 31; in a month that is too short for it, the last day. */
      readonly day: number | 'last';
      readonly time: string;
    }
  | {
      readonly kind: 'cron';
      /** Five fields of crontab(5), one space between them. */
      readonly expression: string;
    };
