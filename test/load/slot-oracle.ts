interface Slot<Content, Rows> {
  /** What was delivered last, accepted or not. */
  delivery: number;
  content: Content;
  copy: boolean;
  /** The newest version that was ever accepted. */
  accepted: { readonly delivery: number; readonly content: Content } | undefined;
  /** The version whose rows are there. */
  active: ActiveVersion<Rows> | undefined;
}

/** A version whose rows are there, and when it was delivered: a larger number came later. */
export interface ActiveVersion<Rows> {
  readonly delivery: number;
  readonly rows: Rows;
}

/** What a kind of delivery and its contract decide. */
export interface Reading<Content, Contract, Rows> {
  /**
   * The rows a content gives, or undefined when it is refused. `later` are the versions of other slots
   * that were delivered after it.
   */
  readonly read: (content: Content, contract: Contract, later: readonly Rows[]) => Rows | undefined;
  /** What a change of the contract asks for: everything anew, to be read again, or nothing. */
  readonly change: (before: Contract, wanted: Contract) => 'rebuild' | 'read' | undefined;
}

/**
 * The naive oracle of which version of each slot is there (docs/decisions/0018), whatever a delivery
 * holds: runs, refused and accepted late, copies, contracts that change, replays.
 */
export function createSlots<Content, Contract, Rows>(reading: Reading<Content, Contract, Rows>) {
  const slots = new Map<string, Slot<Content, Rows>>();
  let deliveries = 0;
  let contract: Contract | undefined;

  const read = (slot: Slot<Content, Rows>, content: Content, delivery: number) => {
    if (contract === undefined) return undefined;
    const later = [...slots.values()]
      .flatMap(({ active }) => active ?? [])
      .filter((active) => active !== slot.active && active.delivery > delivery);
    return reading.read(
      content,
      contract,
      later.map(({ rows }) => rows),
    );
  };

  function load(slot: Slot<Content, Rows>): void {
    const { delivery, content } = slot;
    const rows = read(slot, content, delivery);
    if (rows === undefined) return;
    slot.accepted = { delivery, content };
    slot.active = { delivery, rows };
  }

  function readAgain(slot: Slot<Content, Rows>): void {
    if (slot.accepted === undefined) return;
    const { delivery, content } = slot.accepted;
    const rows = read(slot, content, delivery);
    if (rows !== undefined) slot.active = { delivery, rows };
  }

  /** The last delivery first, as its rows hold anyway. */
  const lastFirst = (): Slot<Content, Rows>[] =>
    [...slots.values()].sort((a, b) => (b.accepted?.delivery ?? 0) - (a.accepted?.delivery ?? 0));

  function changeContract(wanted: Contract): void {
    const before = contract;
    contract = wanted;
    const change = before === undefined ? undefined : reading.change(before, wanted);
    if (change === undefined) return;
    if (change === 'rebuild') for (const slot of slots.values()) slot.active = undefined;
    for (const slot of lastFirst()) readAgain(slot);
  }

  function deliver(name: string, content: Content): void {
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
    const slot: Slot<Content, Rows> = known ?? {
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
    run: (wanted: Contract, files: ReadonlyMap<string, Content>): void => {
      changeContract(wanted);
      for (const [name, content] of files) deliver(name, content);
    },
    /** The same from the landing: what was refused last is tried again, though its file may be gone. */
    replay: (wanted: Contract): void => {
      changeContract(wanted);
      for (const slot of lastFirst()) readAgain(slot);
      for (const slot of slots.values()) {
        if (!slot.copy && slot.accepted?.delivery !== slot.delivery) load(slot);
      }
    },
    /** The versions that are there, by slot. */
    active: (): readonly (ActiveVersion<Rows> & { readonly slot: string })[] =>
      [...slots].flatMap(([slot, { active }]) =>
        active === undefined ? [] : [{ ...active, slot }],
      ),
  };
}
