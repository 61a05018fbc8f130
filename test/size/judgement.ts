/** Readings against budgets: what is exceeded, what has no budget and what was not measured, each in one line. */
import { type Budget, CONTROL, IDLE_HEAP_BYTES_MAX, SLOT_SIZE_BYTES } from "./budgets.js";
import type { Reading } from "./firmware/reading.js";

/** Slots and chunk bytes in use. */
export type HeapUse = Pick<Reading, "slots" | "chunkBytes">;

/** Bytes of a heap whose slots were counted, with the slots of the ESP32. */
export function heapBytes({ slots, chunkBytes }: HeapUse): number {
  return slots * SLOT_SIZE_BYTES + chunkBytes;
}

/** The complaints about `readings`; none where every budget is kept. */
export function judgeBudgets(readings: readonly Reading[], budgets: readonly Budget[]): string[] {
  const complaints: string[] = [];
  for (const budget of budgets) {
    const reading = readings.find(({ name }) => name === budget.name);
    if (reading === undefined) complaints.push(`${budget.name}: not measured; expected a reading for each budget`);
    else complaints.push(...judgeReading(reading, budget));
  }
  for (const { name } of readings) {
    if (name === CONTROL.name || budgets.some((budget) => budget.name === name)) continue;
    complaints.push(`${name}: no budget; expected a row in test/size/budgets.ts`);
  }
  return complaints.concat(judgeControl(readings));
}

function judgeReading(reading: Reading, budget: Budget): string[] {
  const complaints: string[] = [];
  const slots = reading.slots / reading.count;
  const chunkBytes = reading.chunkBytes / reading.count;
  if (slots > budget.slotsMax) complaints.push(`${budget.name}: ${slots} slots; expected at most ${budget.slotsMax}`);
  if (chunkBytes > budget.chunkBytesMax) {
    complaints.push(`${budget.name}: ${chunkBytes} chunk bytes; expected at most ${budget.chunkBytesMax}`);
  }
  if (reading.collections > 0) {
    complaints.push(`${budget.name}: garbage was collected meanwhile, so the counts are too low; expected no collection`);
  }
  return complaints;
}

/** A ruler that overlooks an allocation would find every budget kept. */
function judgeControl(readings: readonly Reading[]): string[] {
  const control = readings.find(({ name }) => name === CONTROL.name);
  const slots = control && control.slots / control.count;
  const chunkBytes = control && control.chunkBytes / control.count;
  if (slots === CONTROL.slots && chunkBytes === CONTROL.chunkBytes) return [];
  return [`${CONTROL.name}: ${slots} slots and ${chunkBytes} chunk bytes; expected ${CONTROL.slots} and ${CONTROL.chunkBytes}`];
}

/** The idle heap of the sensor node in parts. */
export interface IdleHeap {
  /** A machine whose firmware does nothing. */
  readonly machine: HeapUse;
  /** What the modules add once evaluated. */
  readonly modules: HeapUse;
  /** What is kept of all that the start makes. */
  readonly start: HeapUse;
}

export function difference(whole: HeapUse, part: HeapUse): HeapUse {
  return { slots: whole.slots - part.slots, chunkBytes: whole.chunkBytes - part.chunkBytes };
}

/** All that a device would have in use: without the adapters, which there lie in flash. */
export function deviceHeap({ machine, modules, start }: IdleHeap): HeapUse {
  return {
    slots: machine.slots + modules.slots + start.slots,
    chunkBytes: machine.chunkBytes + modules.chunkBytes + start.chunkBytes,
  };
}

/** The complaint about the idle heap. */
export function judgeIdleHeap(heap: IdleHeap): string[] {
  const bytes = heapBytes(deviceHeap(heap));
  if (bytes <= IDLE_HEAP_BYTES_MAX) return [];
  return [`sensor node: ${bytes} bytes of idle heap; expected at most ${IDLE_HEAP_BYTES_MAX}`];
}
