import type { Child } from 'hono/jsx';

interface SourceFilterProps {
  readonly path: string;
  readonly sources: readonly string[];
  readonly value: string;
  /** Further fields of the form. */
  readonly children?: Child;
}

/** Narrows a list to one source; a form of the method GET. */
export const SourceFilter = ({ path, sources, value, children }: SourceFilterProps) => (
  <form
    method="get"
    action={path}
    data-filters
    class="flex flex-wrap items-end gap-3"
    aria-label="Filters"
  >
    <SelectField name="source" label="Source" options={sources} value={value} />
    {children}
    <button type="submit" class="btn btn-sm border-base-300 bg-base-100">
      Apply
    </button>
  </form>
);

interface SelectFieldProps {
  readonly name: string;
  readonly label: string;
  readonly options: readonly string[];
  readonly value: string;
}

/** One of the options, or all. A value that is none of them stays visible: it is what is shown. */
export const SelectField = ({ name, label, options, value }: SelectFieldProps) => {
  const shown = value === '' || options.includes(value) ? options : [value, ...options];
  return (
    <label class="flex flex-col gap-1 text-xs">
      <span class="muted">{label}</span>
      <select id={name} name={name} class="select select-sm w-40">
        <option value="" selected={value === ''}>
          All
        </option>
        {shown.map((option) => (
          <option value={option} selected={option === value}>
            {option}
          </option>
        ))}
      </select>
    </label>
  );
};
