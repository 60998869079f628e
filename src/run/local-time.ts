/** Writes instants (ISO) as people of the company read them: in its zone and locale, to the minute. */
export function localTimeFormat(config: {
  readonly locale: string;
  readonly zone: string;
}): (instant: string) => string {
  const format = new Intl.DateTimeFormat(config.locale, {
    timeZone: config.zone,
    dateStyle: 'medium',
    timeStyle: 'short',
  });
  return (instant) => format.format(new Date(instant));
}
