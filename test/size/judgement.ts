/** Readings against budgets: what is exceeded, what has no budget and what was not measured, each in one line. */
import { type Budget, CONTROL, IDLE_HEAP_BYTES_MAX, SLOT_SIZE_BYTES } from "./budgets.js";
import type { Reading } from "./firmware/reading.js";

/** Bytes of a heap whose slots were counted, with the slots of the ESP32. */
export function heapBytes(reading: Pick<Reading, "slots" | "chunkBytes">): number {
  return reading.slots * SLOT_SIZE_BYTES + reading.chunkBytes;
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

/** The complaint about the application's own idle heap. */
export function judgeIdleHeap(idle: Reading, bare: Reading): string[] {
  const bytes = heapBytes(idle) - heapBytes(bare);
  if (bytes <= IDLE_HEAP_BYTES_MAX) return [];
  return [`sensor node: ${bytes} bytes of idle heap; expected at most ${IDLE_HEAP_BYTES_MAX}`];
}
