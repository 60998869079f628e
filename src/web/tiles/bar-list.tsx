import type { Format } from '../../dashboard/definition.ts';
import type { Formatter } from '../../dashboard/format.ts';
import { noValue } from '../../dashboard/number-format.ts';

interface BarListProps {
  readonly items: readonly {
    readonly label: string | null;
    readonly value: string | null;
    /** Of the longest bar, 0 to 1. */
    readonly share: number;
    /** Where the rows under it are. */
    readonly href: string;
  }[];
  readonly format: Format | undefined;
  readonly formatter: Formatter;
  /** Class of the bars: their colour. */
  readonly color: string;
}

/** Bars with their names beside them, which are a list and read as one: each leads to its rows. */
export const BarList = ({ items, format, formatter, color }: BarListProps) => (
  <ol class="mt-3 grid flex-1 auto-rows-[minmax(1.75rem,2.125rem)] grid-cols-[fit-content(50%)_minmax(0,1fr)_auto] @max-sm:grid-cols-[minmax(0,1fr)_auto] @max-sm:auto-rows-auto gap-x-3 gap-y-0.5 text-[0.8125rem]">
    {items.map((item) => (
      <li class="col-span-full grid min-h-7 grid-cols-subgrid">
        <a
          class="group col-span-full grid grid-cols-subgrid items-center gap-y-1 rounded-md px-1.5 hover:bg-base-200 @max-sm:py-1"
          href={item.href}
        >
          <span class="truncate" title={item.label ?? noValue}>
            {item.label ?? noValue}
          </span>
          <svg
            class={`h-2.5 w-full ${color} @max-sm:order-last @max-sm:col-span-2 @max-sm:h-1.5`}
            aria-hidden="true"
          >
            <rect
              width={`${Math.round(item.share * 1000) / 10}%`}
              height="100%"
              rx="2.5"
              fill="currentColor"
            />
          </svg>
          <span class="text-right whitespace-nowrap tabular-nums group-hover:text-primary">
            {formatter.headline(item.value, format)}
          </span>
        </a>
      </li>
    ))}
  </ol>
);
