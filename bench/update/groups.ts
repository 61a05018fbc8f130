/** The figures of the update path, measured and put into groups with their goals. */
import { SCHEMES, type SchemeName } from "../../test/sim/peers/scheme.js";
import { type CutMeasurement, type CutTally, measureHoldfastCuts, measurePeerCuts } from "./cuts.js";
import type { Cell, Figure, FigureGroup } from "./figure.js";
import { CHANNEL_MAX_MS, measureHang, WATCHDOG_WINDOW_MS } from "./hang.js";
import { measureUpdateHeap } from "./memory.js";
import { measureTrials } from "./trial-figures.js";
import { BOOTS_A_DAY, CHUNK_COUNT, DAY_COUNT, ERASE_COUNT_MAX, measureWear, yearsOf } from "./wear.js";

const CHUNK_SIZE_BYTES = 16_384;
const SECTOR_SIZE_BYTES = 4096;
/** Per cut: the open chunk, and the first sector, which was in RAM. */
const AGAIN_BYTES_MAX = CHUNK_SIZE_BYTES + SECTOR_SIZE_BYTES;
const OUTAGE_MS_MAX = 60_000;
const HEAP_BYTES_MAX = 16 * 1024;
const PEER_SCHEMES = Object.freeze(Object.keys(SCHEMES) as SchemeName[]);

export interface Measurement {
  readonly groups: readonly FigureGroup[];
  /** Lives a second of this computer, now: worth their ratio. */
  readonly livesPerSecond: Readonly<Record<"holdfast" | SchemeName, number>>;
}

/** All of them. `say` is told what takes long. */
export async function measureAll(seed: number, say: (line: string) => void): Promise<Measurement> {
  say("power cuts");
  const holdfast = measureHoldfastCuts(seed);
  const peers = Object.fromEntries(PEER_SCHEMES.map((scheme) => [scheme, measurePeerCuts(scheme, seed)])) as Record<
    SchemeName,
    CutMeasurement
  >;
  say("trials");
  const trials = measureTrials(seed);
  const hangs = hangGroup();
  say(`wear of ${DAY_COUNT} days`);
  const wear = wearGroup();
  say("heap on XS");
  const heap = await heapGroup(say);
  const speeds = Object.entries({ holdfast, ...peers }).map(([name, cuts]) => [name, livesPerSecond(cuts)]);
  return {
    groups: [cutGroup(holdfast, peers), ...trials, hangs, wear, heap],
    livesPerSecond: Object.fromEntries(speeds) as Measurement["livesPerSecond"],
  };
}

function livesPerSecond({ tallies, durationMs }: CutMeasurement): number {
  return tallies.reduce((sum, { lifeCount }) => sum + lifeCount, 0) / (durationMs / 1000);
}

function cutGroup(holdfast: CutMeasurement, peers: Readonly<Record<SchemeName, CutMeasurement>>): FigureGroup {
  const row = (
    name: string,
    unit: string,
    cutCount: 0 | 1 | 2,
    cellOf: (tally: CutTally) => Cell,
    atMost?: number,
  ): Figure => ({
    name,
    unit,
    holdfast: cellOf(holdfast.tallies[cutCount]),
    ...(atMost === undefined ? {} : { atMost }),
    peers: Object.fromEntries(PEER_SCHEMES.map((scheme) => [scheme, cellOf(peers[scheme].tallies[cutCount])])),
  });
  const fullAgain = (tally: CutTally): Cell => ({ value: tally.fullAgainCount, of: tally.lifeCount });
  const without = (tally: CutTally): Cell => ({ value: tally.withoutUpdateCount, of: tally.lifeCount });
  const mean =
    (cutCount: number) =>
    (tally: CutTally): Cell => ({ value: tally.againBytes / tally.lifeCount / cutCount });
  const most =
    (cutCount: number) =>
    (tally: CutTally): Cell => ({ value: tally.againBytesMax / cutCount });
  const slotErases = (tally: CutTally): Cell => ({ value: tally.slotEraseCountMax });
  const otadataErases = (tally: CutTally): Cell => ({ value: tally.otadataEraseCountMax });
  const { imageSizeBytes } = holdfast;
  const [, single, pair] = holdfast.tallies;
  const chunkCount = Math.ceil(imageSizeBytes / CHUNK_SIZE_BYTES);
  const how =
    `An update of ${chunkCount} chunks, ${imageSizeBytes} bytes, on both slots. Every single cut of every operation, in each ` +
    `way that it can be cut: ${single.lifeCount} lives; and ${pair.lifeCount} pairs of cuts by chance, the second ` +
    "among the operations that the first one leaves. The peers' operations are others, cut and drawn in the same way. " +
    "A chunk that the health gate fetches as a proof is no download; what is fetched again for a pair is halved. A " +
    "sector of otadata is erased by design three times an update: armed, taken by the bootloader, confirmed.";
  return {
    title: "Power cuts",
    how,
    figures: [
      row("the whole image fetched again, one cut", "", 1, fullAgain, 0),
      row("the whole image fetched again, two cuts", "", 2, fullAgain, 0),
      row("the update never came, one cut", "", 1, without, 0),
      row("the update never came, two cuts", "", 2, without, 0),
      row("fetched again, mean of one cut", "bytes", 1, mean(1)),
      row("fetched again, worst of one cut", "bytes", 1, most(1), AGAIN_BYTES_MAX),
      row("fetched again per cut, mean of two", "bytes", 2, mean(2)),
      row("fetched again per cut, worst of two", "bytes", 2, most(2), AGAIN_BYTES_MAX),
      row("erases of a slot's sector, no cut, worst", "", 0, slotErases, 2),
      row("erases of a slot's sector, one cut, worst", "", 1, slotErases, 3),
      row("erases of a slot's sector, two cuts, worst", "", 2, slotErases, 4),
      row("erases of a sector of otadata, no cut", "", 0, otadataErases),
      row("erases of a sector of otadata, one cut, worst", "", 1, otadataErases),
      row("erases of a sector of otadata, two cuts, worst", "", 2, otadataErases),
    ],
  };
}

function hangGroup(): FigureGroup {
  const recorded = measureHang("recorded");
  const unrecorded = measureHang("unrecorded");
  const how =
    "From the hang of an image on trial, 5 s after its start, to the old image at work, in virtual time, with a " +
    `watchdog of ${WATCHDOG_WINDOW_MS / 1000} s and a channel that may be silent for ${CHANNEL_MAX_MS / 1000} s. A ` +
    "hang that leaves a record (the loop turns, a part does nothing) is told from a brown-out, so one bite is enough. " +
    "One that never returns leaves none: it is tried once more, hangs again, and is banned by the second bite: " +
    "two windows, so the goal of one is none for it. What " +
    "it worked before its second hang is in the figure, what the bootloader takes is not. The peers' watchdog is " +
    "another one (5 s, and by default it only logs), so they have no figure here.";
  return {
    title: "An image that hangs on trial",
    how,
    figures: [
      { name: "bites, a hang with a record", unit: "", holdfast: { value: recorded.biteCount }, atMost: 1 },
      {
        name: "outage, a hang with a record",
        unit: "ms",
        holdfast: { value: recorded.outageMs },
        atMost: OUTAGE_MS_MAX,
      },
      { name: "bites, a hang without a record", unit: "", holdfast: { value: unrecorded.biteCount }, atMost: 2 },
      { name: "outage, a hang without a record", unit: "ms", holdfast: { value: unrecorded.outageMs } },
    ],
  };
}

function wearGroup(): FigureGroup {
  const wear = measureWear(DAY_COUNT);
  const { journalEraseCount, otadataEraseCount, slotEraseCount, bootCount } = wear;
  const years = (eraseCount: number): Cell => ({ value: yearsOf(eraseCount, wear) });
  const how =
    `A whole device lives ${DAY_COUNT} days, each with ${BOOTS_A_DAY} power-ons and an update of ${CHUNK_COUNT} ` +
    `chunks, signed, with a server's time: ${bootCount} starts in all. Journal of 16 KiB. Years until the sector that ` +
    `is erased most has had ${ERASE_COUNT_MAX.toLocaleString("en-US")} erases.`;
  return {
    title: "Wear",
    how,
    figures: [
      { name: `erases of the journal's worst sector in ${DAY_COUNT} days`, unit: "", holdfast: { value: journalEraseCount } },
      { name: "life of the journal", unit: "years", holdfast: years(journalEraseCount) },
      { name: `erases of otadata's worst sector in ${DAY_COUNT} days`, unit: "", holdfast: { value: otadataEraseCount } },
      { name: "life of otadata", unit: "years", holdfast: years(otadataEraseCount) },
      { name: `erases of a slot's worst sector in ${DAY_COUNT} days`, unit: "", holdfast: { value: slotEraseCount } },
      { name: "life of the slots", unit: "years", holdfast: years(slotEraseCount) },
    ],
  };
}

async function heapGroup(say: (line: string) => void): Promise<FigureGroup> {
  const { slotSizeBytes, chunkCount, restBytes, growthBytes } = await measureUpdateHeap(say);
  const most = Math.max(...Object.values(growthBytes));
  const engine =
    slotSizeBytes === 16
      ? "the engine built for 32 bits, with the slots of a microcontroller"
      : "the engine of 64 bits, its slots counted as 16 bytes, its chunks an upper bound";
  const how =
    `On ${engine}: what is alive, garbage collected, at each call of flash, digest and verifier, above the smallest ` +
    `firmware that updates itself at rest; an image of ${chunkCount} chunks. What lives between two such calls only ` +
    "is not seen.";
  const growth = (name: string, bytes: number): Figure => ({ name, unit: "bytes", holdfast: { value: bytes } });
  return {
    title: "Heap of an update",
    how,
    figures: [
      growth("the firmware at rest", restBytes),
      growth("growth while the signed update is judged", growthBytes.offer),
      growth("growth in the download", growthBytes.download),
      growth("growth while it is read back", growthBytes.verify),
      growth("growth while the head is written and it is armed", growthBytes.arm),
      { name: "growth at the highest point", unit: "bytes", holdfast: { value: most }, atMost: HEAP_BYTES_MAX },
    ],
  };
}
