/** Bytes compared: the same, or which comes first. */

/** Whether both have the same length and content. Not in constant time: nothing secret is compared here. */
export function areEqualBytes(first: Uint8Array, second: Uint8Array): boolean {
  return first.length === second.length && compareBytes(first, second) === 0;
}

/** Negative, zero or positive: byte by byte, the shorter one first where it is the beginning of the other. */
export function compareBytes(first: Uint8Array, second: Uint8Array): number {
  const length = Math.min(first.length, second.length);
  for (let index = 0; index < length; index++) {
    const difference = first[index]! - second[index]!;
    if (difference !== 0) return difference;
  }
  return first.length - second.length;
}
