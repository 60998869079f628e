import type { ChoiceFilter, Filter, PeriodFilter, PeriodPreset } from '../dashboard/definition.ts';
import { allChoices } from '../dashboard/filters.ts';
import type { FilterValue, FilterValues } from '../dashboard/filters.ts';

interface FilterFormProps {
  readonly path: string;
  readonly filters: Readonly<Record<string, Filter>>;
  readonly values: FilterValues;
  readonly choices: Readonly<Record<string, readonly string[]>>;
  /** The address of the page as it is shown. */
  readonly address: URLSearchParams;
}

/** A form of the method GET: it works without JavaScript and leaves an address to bookmark. */
export const FilterForm = (props: FilterFormProps) => {
  const entries = Object.entries(props.filters);
  if (entries.length === 0) return null;
  return (
    <form
      method="get"
      action={props.path}
      data-filters
      class="flex flex-wrap items-end gap-x-3 gap-y-3"
      aria-label="Filters"
    >
      {entries.map(([name, filter]) => {
        const value = props.values.values[name];
        if (value?.kind === 'period' && filter.kind === 'period') {
          return <PeriodField {...props} name={name} filter={filter} value={value} />;
        }
        if (value?.kind === 'choice' && filter.kind === 'choice') {
          return (
            <ChoiceField
              name={name}
              filter={filter}
              value={value.value}
              options={filter.values ?? props.choices[name] ?? []}
            />
          );
        }
        return null;
      })}
      <button type="submit" class="btn btn-sm border-base-300 bg-base-100">
        Apply
      </button>
    </form>
  );
};

interface PeriodFieldProps extends FilterFormProps {
  readonly name: string;
  readonly filter: PeriodFilter;
  readonly value: Extract<FilterValue, { kind: 'period' }>;
}

const PeriodField = ({ name, filter, value, path, address }: PeriodFieldProps) => {
  const open = value.preset === 'all';
  const presets = filter.presets.includes(filter.default)
    ? filter.presets
    : [filter.default, ...filter.presets];
  return (
    <>
      <nav class="join" aria-label={filter.label ?? 'Period'}>
        {presets.map((preset) => (
          <a
            class={`btn btn-sm join-item px-2.5 ${preset === value.preset ? 'btn-primary' : 'border-base-300 bg-base-100'}`}
            href={presetAddress(path, address, { name, preset })}
            data-preset
            title={preset}
            {...(preset === value.preset ? { 'aria-current': 'true' } : {})}
          >
            <span aria-hidden="true">{shortNames[preset]}</span>
            <span class="sr-only">{preset}</span>
          </a>
        ))}
      </nav>
      {value.preset === undefined ? null : <input type="hidden" name={name} value={value.preset} />}
      <DayField name={`${name}_from`} label="From" value={open ? '' : value.from} />
      <DayField name={`${name}_to`} label="To" value={open ? '' : value.to} />
    </>
  );
};

const shortNames: Readonly<Record<PeriodPreset, string>> = {
  'this month': 'Month',
  'last month': 'Last month',
  'last 3 months': '3 m',
  'last 6 months': '6 m',
  'last 12 months': '12 m',
  'last 24 months': '24 m',
  'this year': 'Year',
  'last year': 'Last year',
  'last 7 days': '7 d',
  'last 30 days': '30 d',
  all: 'All',
};

const DayField = ({ name, label, value }: { name: string; label: string; value: string }) => (
  <label class="flex flex-col gap-1 text-xs">
    <span class="muted">{label}</span>
    <input type="date" id={name} name={name} value={value} class="input input-sm w-36" />
  </label>
);

interface ChoiceFieldProps {
  readonly name: string;
  readonly filter: ChoiceFilter;
  readonly value: string | null;
  readonly options: readonly string[];
}

const ChoiceField = ({ name, filter, value, options }: ChoiceFieldProps) => (
  <label class="flex flex-col gap-1 text-xs">
    <span class="muted first-letter:uppercase">{filter.label ?? name.replaceAll('_', ' ')}</span>
    <select id={name} name={name} class="select select-sm w-36">
      <option value={allChoices} selected={value === null}>
        All
      </option>
      {options.map((option) => (
        <option value={option} selected={option === value}>
          {option}
        </option>
      ))}
    </select>
  </label>
);

/** The address with another preset and the other filters as they are. */
function presetAddress(
  path: string,
  address: URLSearchParams,
  choice: { readonly name: string; readonly preset: PeriodPreset },
): string {
  const next = new URLSearchParams(address);
  next.delete(`${choice.name}_from`);
  next.delete(`${choice.name}_to`);
  next.set(choice.name, choice.preset);
  return `${path}?${next}`;
}
