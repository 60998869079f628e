import type { Node } from 'libpg-query';

import { mapTree } from './map-tree.ts';
import type { Item } from './select-block.ts';

/** A from clause with another node in the place of one of its relations; joins stay as they are. */
export function replaceItem(from: readonly Node[], item: Item, node: Node): readonly Node[] {
  return from.map((each) => mapTree(each, (child) => (child === item.node ? node : undefined)));
}
