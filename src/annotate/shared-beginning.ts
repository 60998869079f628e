/**
 * What two texts begin with alike, up to a whole word or clause, and `…`: faults of one kind name other
 * rows at their end. Between the least and the greatest of many texts it is what all of them begin with.
 */
export function sharedBeginning(first: string, last: string): string {
  if (first === last) return first;
  const text = first.replace(/ …$/u, '');
  let length = 0;
  while (length < text.length && text[length] === last[length]) length += 1;
  const head = length === text.length ? text : text.slice(0, length).replace(/\S*$/u, '');
  const clause = head.includes(';') ? head.slice(0, head.lastIndexOf(';') + 1) : head;
  return clause.trim() === '' ? first : `${clause.trimEnd()} …`;
}
