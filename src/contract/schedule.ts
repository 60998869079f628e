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
  | { readonly kind: 'daily'; readonly time: string }
  | {
      readonly kind: 'weekly';
      readonly weeks: number;
      readonly on: Weekday;
      readonly time: string;
      readonly from: string | undefined;
    }
  | { readonly kind: 'monthly'; readonly onDay: number | 'last'; readonly time: string }
  | { readonly kind: 'cron'; readonly expression: string };
