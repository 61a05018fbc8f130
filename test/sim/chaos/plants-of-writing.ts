/**
 * Planted bugs in how things are written: records, entries of otadata, images, and what is fetched for them.
 *
 * Each is one that a real update system had, or that somebody would write. What finds them: docs/design/chaos.md.
 */
import { type Plant, plant } from "./plant.js";

const JOURNAL = "src/ota/journal.ts";
const RECORD = "src/ota/journal-record.ts";
const ENTRIES = "src/ota/boot-entries.ts";
const WRITER = "src/ota/slot-writer.ts";
const RANGE = "src/updater/image-range.ts";

/** Two bugs need this one beside them: what the one look would miss the other sees. */
const SECTORS_AS_WRITTEN = Object.freeze({
  file: WRITER,
  find: "    if (areEqualBytes(this.#digestOf(bytes), written)) return;",
  replace: "    if (written.length > 0) return;",
});

export const PLANTS_OF_WRITING: readonly Plant[] = Object.freeze([
  plant(
    "the commit word is written together with its record",
    "single",
    JOURNAL,
    "    this.#partition.write(bytes.subarray(0, RECORD_BODY_SIZE_BYTES), offset);\n" +
      "    this.#partition.write(bytes.subarray(RECORD_BODY_SIZE_BYTES), offset + RECORD_BODY_SIZE_BYTES);\n",
    "    this.#partition.write(bytes, offset);\n",
  ),
  {
    name: "the CRC of a record leaves out its type and its detail",
    kinds: "bits at rest",
    configurations: "0,3",
    edits: [
      {
        file: RECORD,
        find: "crc32(bytes, 0, CRC_OFFSET), true);",
        replace: "crc32(bytes, 4, CRC_OFFSET), true);",
      },
      {
        file: RECORD,
        find: "!== crc32(bytes, offset, offset + CRC_OFFSET)",
        replace: "!== crc32(bytes, offset + 4, offset + CRC_OFFSET)",
      },
    ],
  },
  plant(
    "the image's header is written first",
    "single",
    WRITER,
    "    if (index === 0) this.#demandBlank();",
    "    if (index === 0) this.#partition.write(this.#head, 0);",
  ),
  plant(
    "progress is noted before the chunk's hash is known",
    "single",
    "src/updater/installation.ts",
    "recordProgress(this.#imageId, this.#writer.checkedChunkCount);\n    return",
    "recordProgress(this.#imageId, this.#writer.checkedChunkCount + 1);\n    return",
  ),
  plant(
    "a 200 is taken for a 206",
    "lying",
    RANGE,
    "    if (status !== PARTIAL_CONTENT) throw",
    "    if (status !== PARTIAL_CONTENT && status !== 200) throw",
  ),
  {
    name: "what an earlier download left is not hashed again",
    kinds: "bits of a cut",
    edits: [
      {
        file: "src/ota/chunk-check.ts",
        find: "  /** Forgets the open chunk's bytes. */",
        replace:
          "  /** A chunk of an earlier download. */\n" +
          "  trust(byteLength: number): void {\n" +
          "    this.#openBytes += byteLength;\n" +
          "    if (this.openRoomBytes > 0) return;\n" +
          "    this.#openBytes = 0;\n" +
          "    this.#checkedCount++;\n" +
          "  }\n\n" +
          "  /** Forgets the open chunk's bytes. */",
      },
      { file: WRITER, find: "      this.#chunks.write(sector);", replace: "      this.#chunks.trust(sector.length);" },
    ],
  },
  {
    ...plant(
      "a floor stands in one half only",
      "bits at rest",
      RECORD,
      "    case RecordType.floor:\n    case RecordType.nextKey:\n    case RecordType.pending:",
      "    case RecordType.nextKey:\n    case RecordType.pending:",
    ),
    configurations: "1,7",
  },
  {
    ...plant(
      "the old half of the journal is erased before the new one is committed",
      "single",
      JOURNAL,
      "    this.#eraseHalf(other);\n    let offset",
      "    this.#eraseHalf(other);\n    this.#eraseHalf(this.#half);\n    let offset",
    ),
    configurations: "2,7",
  },
  plant(
    "both entries name the image that is to be tried",
    "bad",
    ENTRIES,
    "    this.#write(1 - own, nextSequence(entries[own]!.sequence, slot, SLOT_COUNT), OtaState.new);",
    "    const sequence = nextSequence(entries[own]!.sequence, slot, SLOT_COUNT);\n" +
      "    this.#write(1 - own, sequence, OtaState.new);\n" +
      "    this.#write(own, nextSequence(sequence, slot, SLOT_COUNT), OtaState.new);",
  ),
  {
    ...plant(
      "the only valid entry is erased first",
      "bits at rest",
      ENTRIES,
      "      if (!isValidOtaEntry(entries[1 - own]!)) {",
      "      if (sequence < 0) {",
    ),
    configurations: "0,1",
  },
  {
    name: "the slot is not read back before it is armed",
    kinds: "single",
    edits: [
      {
        file: WRITER,
        find: "      if (!this.#verifier.step()) return false;\n",
        replace:
          '      this.#phase = "committing";\n' +
          "      if (this.#head.length > 0) return true;\n      if (!this.#verifier.step()) return false;\n",
      },
      SECTORS_AS_WRITTEN,
    ],
  },
  {
    ...plant(
      "bytes behind the end of an image are taken",
      "lying",
      WRITER,
      "      if (image.sizeBytes !== imageSizeBytes) {",
      "      if (image.sizeBytes > imageSizeBytes) {",
    ),
    configurations: "0",
  },
  {
    name: "what an answer has behind its chunk is dropped, and nobody minds",
    kinds: "lying",
    configurations: "0",
    edits: [
      {
        file: "src/updater/image-download.ts",
        find: "    this.#range.demandRoom(bytes.length);\n",
        replace: "    try {\n      this.#range.demandRoom(bytes.length);\n    } catch {\n      return;\n    }\n",
      },
      {
        file: RANGE,
        find: "    if (this.#receivedBytes === sizeBytes) return;",
        replace: "    if (this.#receivedBytes >= sizeBytes) return;",
      },
    ],
  },
  plant(
    "a torn place is taken for a blank one",
    "single",
    "src/ota/journal-halves.ts",
    "    if (words[index] !== 0xffffffff) return",
    "    if (words[index] !== 0xffffffff && (index - first) % 8 === 7) return",
  ),
  {
    ...plant(
      "the place of the next record is kept in a signed byte",
      "storms",
      JOURNAL,
      "    this.#nextOffset = nextPlace(own, FIRST_OFFSET);",
      "    this.#nextOffset = RECORD_SIZE_BYTES * ((nextPlace(own, FIRST_OFFSET) / RECORD_SIZE_BYTES) & 0x7f);",
    ),
    configurations: "0",
  },
  plant(
    "the own entry is the one with the greatest sequence number",
    "single",
    ENTRIES,
    "  const first = names(entries[0]!, runningSlot);\n  const second = names(entries[1]!, runningSlot);",
    "  const first = names(entries[0]!, runningSlot) || isValidOtaEntry(entries[0]!);\n" +
      "  const second = names(entries[1]!, runningSlot) || isValidOtaEntry(entries[1]!);",
  ),
  plant(
    "the running slot's entry is overwritten when another is armed",
    "single",
    ENTRIES,
    "    this.#write(1 - own, nextSequence(entries[own]!.sequence, slot, SLOT_COUNT), OtaState.new);",
    "    this.#write(own, nextSequence(entries[own]!.sequence, slot, SLOT_COUNT), OtaState.new);",
  ),
  plant(
    "the CRC is not the last word of an entry",
    "single",
    ENTRIES,
    "      this.#partition.write(bytes.subarray(0, CRC_OFFSET), offset);\n" +
      "      this.#partition.write(bytes.subarray(CRC_OFFSET), offset + CRC_OFFSET);",
    "      this.#partition.write(bytes.subarray(CRC_OFFSET), offset + CRC_OFFSET);\n" +
      "      this.#partition.write(bytes.subarray(0, CRC_OFFSET), offset);",
  ),
  plant(
    "the state of an entry is changed in place, without an erase",
    "single",
    ENTRIES,
    "    this.#partition.eraseBlock(index);\n",
    "    if (this.#readEntry(index as 0 | 1).sequence !== sequence) this.#partition.eraseBlock(index);\n",
  ),
  {
    name: "nobody looks whether sector 0 was erased",
    kinds: "single",
    edits: [{ file: WRITER, find: "    if (index === 0) this.#demandBlank();\n", replace: "" }, SECTORS_AS_WRITTEN],
  },
  plant(
    "a floor is forgotten when the journal changes halves",
    "single",
    "src/ota/history.ts",
    "    for (const floor of this.floors.live()) records.push",
    "    for (const floor of this.floors.live().slice(1)) records.push",
  ),
  plant("the journal's last record is taken as it reads", "single", JOURNAL, "    this.#strengthen();\n", ""),
  plant(
    "an image that stands there is armed as it reads",
    "single",
    "src/ota/slot-images.ts",
    "    if (!options.isReadBack) this.#strengthenHead();\n",
    "",
  ),
]);
