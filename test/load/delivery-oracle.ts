/** One row of a file in the model: a key of a few, a value of a few, `x` for one that may not be read. */
export interface ModelRow {
  readonly id: number;
  readonly value: string;
}

/** What of a contract decides which rows there are, and which deliveries. */
export interface ModelContract {
  /** What is done with the value `x`: reject the row, read null, read 9, or (another type) read the text. */
  readonly x: 'reject' | 'null' | 'nine' | 'text';
  /** A delivery with rejected rows is refused. */
  readonly strict: boolean;
}

export type ModelKey = 'reject' | 'last-wins' | 'none';

interface Version {
  readonly delivery: number;
  readonly rows: readonly ModelRow[];
}

interface Slot {
  /** What was delivered last, accepted or not. */
  delivery: number;
  content: readonly ModelRow[];
  copy: boolean;
  /** The newest version that was ever accepted. */
  accepted: { readonly delivery: number; readonly content: readonly ModelRow[] } | undefined;
  /** The version whose rows are there. */
  active: Version | undefined;
}

/**
 * The naive oracle of docs/decisions/0018: for each slot its newest accepted version; for each key
 * the row of the slot whose version was delivered last. Without a key, all rows of all slots.
 */
export function createOracle(key: ModelKey) {
  const slots = new Map<string, Slot>();
  let deliveries = 0;
  let contract: ModelContract | undefined;

  /** The rows a content gives, or undefined when it is refused. */
  function read(content: readonly ModelRow[]): readonly ModelRow[] | undefined {
    if (contract === undefined) return undefined;
    const { x, strict } = contract;
    const good = content.filter((row) => row.value !== 'x' || x !== 'reject');
    let rejected = content.length - good.length;
    const typed = good.map((row) =>
      row.value === 'x' && x !== 'text' ? { ...row, value: x === 'nine' ? '9' : '' } : row,
    );
    const rows: ModelRow[] = [];
    if (key === 'none') rows.push(...typed);
    else {
      for (const id of new Set(typed.map((row) => row.id))) {
        const same = typed.filter((row) => row.id === id);
        const alike = same.every((row) => row.value === same[0]?.value);
        const kept = alike ? same[0] : key === 'last-wins' ? same.at(-1) : undefined;
        if (kept === undefined) rejected += same.length;
        else rows.push(kept);
      }
    }
    return strict && rejected > 0 ? undefined : rows;
  }

  function load(slot: Slot): void {
    const rows = read(slot.content);
    if (rows === undefined) return;
    slot.accepted = { delivery: slot.delivery, content: slot.content };
    slot.active = { delivery: slot.delivery, rows };
  }

  function readAgain(slot: Slot, forget: boolean): void {
    if (slot.accepted === undefined) return;
    const { delivery, content } = slot.accepted;
    const rows = read(content);
    if (rows !== undefined) slot.active = { delivery, rows };
    else if (forget) slot.active = undefined;
  }

  function changeContract(wanted: ModelContract): void {
    const before = contract;
    contract = wanted;
    if (before === undefined || before.x === wanted.x) return;
    const rebuilt = (before.x === 'text') !== (wanted.x === 'text');
    for (const slot of slots.values()) readAgain(slot, rebuilt);
  }

  function deliver(name: string, content: readonly ModelRow[]): void {
    const text = JSON.stringify(content);
    const known = slots.get(name);
    if (known !== undefined && JSON.stringify(known.content) === text) {
      if (!known.copy && known.active?.delivery !== known.delivery) load(known);
      return;
    }
    const copy =
      known === undefined &&
      [...slots.values()].some(
        (other) =>
          !other.copy &&
          other.active?.delivery === other.delivery &&
          JSON.stringify(other.content) === text,
      );
    deliveries += 1;
    const slot: Slot = known ?? {
      delivery: 0,
      content,
      copy,
      accepted: undefined,
      active: undefined,
    };
    slots.set(name, slot);
    slot.delivery = deliveries;
    slot.content = content;
    slot.copy = copy;
    if (!copy) load(slot);
  }

  return {
    /** One run: what the contract now reads another way is read again, then all files are offered. */
    run: (wanted: ModelContract, files: ReadonlyMap<string, readonly ModelRow[]>): void => {
      changeContract(wanted);
      for (const [name, content] of files) deliver(name, content);
    },
    /** The same from the landing: what was refused last is tried again, though its file may be gone. */
    replay: (wanted: ModelContract): void => {
      changeContract(wanted);
      for (const slot of slots.values()) {
        readAgain(slot, false);
        if (!slot.copy && slot.accepted?.delivery !== slot.delivery) load(slot);
      }
    },
    /** The rows that hold, sorted, with the slots that have each of them. */
    rows: (): readonly (ModelRow & { readonly slots: readonly string[] })[] => {
      const all = [...slots].flatMap(([slot, { active }]) =>
        (active?.rows ?? []).map((row) => ({ ...row, slot, delivery: active?.delivery ?? 0 })),
      );
      const held =
        key === 'none'
          ? all
          : all.filter(
              (row) => !all.some((other) => other.id === row.id && other.delivery > row.delivery),
            );
      return held
        .map(({ id, value }) => ({
          id,
          value,
          slots: all.filter((row) => row.id === id && row.value === value).map((row) => row.slot),
        }))
        .sort((a, b) => a.id - b.id || (a.value < b.value ? -1 : a.value > b.value ? 1 : 0));
    },
  };
}
