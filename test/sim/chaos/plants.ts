/**
 * Puts known bugs into a copy of the tree, one at a time, and says which of them the chaos finds.
 *
 *     npm run chaos:plants -- [--only NAME] [--lives 400] [--seed N]
 *
 * A proof that never failed proves nothing. Each bug is one that a real update system had, or that somebody would write; each
 * is a changed line of the shipped code. Which are missed, and why: docs/design/chaos.md.
 */
import { spawnSync } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

const ROOT = join(dirname(fileURLToPath(import.meta.url)), "..", "..", "..");
const FOLDERS: readonly string[] = Object.freeze(["src", "hosts", "test/harness", "test/node", "test/sim", "test/spec"]);
const FILES: readonly string[] = Object.freeze(["package.json", "tsconfig.json", "tsconfig.base.json"]);

interface Plant {
  readonly name: string;
  readonly file: string;
  readonly find: string;
  readonly replace: string;
}

const PLANTS: readonly Plant[] = Object.freeze([
  {
    name: "the image's header is written first",
    file: "src/ota/slot-writer.ts",
    find: "    this.#partition.eraseBlock(0);\n    this.#sector.fill(0xff);\n    if (!this.#holds(0, this.#sector)) throw",
    replace:
      "    this.#partition.eraseBlock(0);\n    this.#partition.write(this.#head, 0);\n    if (this.#head.length === 0) throw",
  },
  {
    name: "progress is noted before the chunk is written",
    file: "src/updater/installation.ts",
    find: "recordProgress(this.#imageId, this.#writer.checkedChunkCount);\n    return",
    replace: "recordProgress(this.#imageId, this.#writer.checkedChunkCount + 1);\n    return",
  },
  {
    name: "no chunk is held against its digest",
    file: "src/ota/chunk-check.ts",
    find: "      if (found[index] === this.#image.chunkDigests[offset + index]) continue;",
    replace: "      if (found[index] !== undefined) continue;",
  },
  {
    name: "otadata before the journal at the confirm",
    file: "src/ota/slots.ts",
    find: '    assert(this.#isTrial, "confirm: a trial is running");\n',
    replace:
      '    assert(this.#isTrial, "confirm: a trial is running");\n    this.#bootEntries.settle(this.#slot("confirm"));\n',
  },
  {
    name: "floors are raised when the image is armed",
    file: "src/ota/floors.ts",
    find: "    if (type === RecordType.pending) this.#pending = {",
    replace:
      '    if (type === RecordType.pending) this.#raise("release", first);\n' +
      "    if (type === RecordType.pending) this.#pending = {",
  },
  {
    name: "the old half of the journal is erased before the new head is written",
    file: "src/ota/journal.ts",
    find: "    this.#writeHead(other, this.#generation + 1);",
    replace: "    this.#eraseHalf(this.#half);\n    this.#writeHead(other, this.#generation + 1);",
  },
  {
    name: "a floor is forgotten when the journal changes halves",
    file: "src/ota/history.ts",
    find: "    for (const floor of this.floors.live()) records.push",
    replace: "    for (const floor of this.floors.live().slice(1)) records.push",
  },
  {
    name: "a reset by the supply is taken for a fault",
    file: "src/ota/reset-class.ts",
    find: '    case "powerOn":\n    case "brownOut":\n      return "environment";',
    replace: '    case "powerOn":\n    case "brownOut":\n      return "fault";',
  },
  {
    name: "the only valid entry is erased first",
    file: "src/ota/boot-entries.ts",
    find: "      if (!isValidOtaEntry(entries[1 - own]!)) {",
    replace: "      if (sequence < 0) {",
  },
  {
    name: "the running slot's entry is overwritten when another is armed",
    file: "src/ota/boot-entries.ts",
    find: "    this.#write(1 - own, nextSequence(entries[own]!.sequence, slot, SLOT_COUNT), OtaState.new);",
    replace: "    this.#write(own, nextSequence(entries[own]!.sequence, slot, SLOT_COUNT), OtaState.new);",
  },
  {
    name: "the CRC is not the last word of an entry",
    file: "src/ota/boot-entries.ts",
    find:
      "      this.#partition.write(bytes.subarray(0, CRC_OFFSET), offset);\n" +
      "      this.#partition.write(bytes.subarray(CRC_OFFSET), offset + CRC_OFFSET);",
    replace:
      "      this.#partition.write(bytes.subarray(CRC_OFFSET), offset + CRC_OFFSET);\n" +
      "      this.#partition.write(bytes.subarray(0, CRC_OFFSET), offset);",
  },
  {
    name: "the slot is not read back before it is armed",
    file: "src/ota/slot-writer.ts",
    find: "      if (!this.#verifier.step()) return false;\n",
    replace:
      '      this.#phase = "committing";\n' +
      "      if (this.#head.length > 0) return true;\n      if (!this.#verifier.step()) return false;\n",
  },
  {
    name: "a planned restart leaves no PLANNED",
    file: "src/ota/slots.ts",
    find: "    faultOf(() => this.#append({ type: RecordType.planned,",
    replace: "    if (cause === undefined) faultOf(() => this.#append({ type: RecordType.planned,",
  },
  {
    name: "ARMED comes after otadata",
    file: "src/ota/slots.ts",
    find:
      "    this.#append({ type: RecordType.armed, imageId, first: attempt, second: other });\n" +
      "    this.#bootEntries.arm(other, slot);",
    replace:
      "    this.#bootEntries.arm(other, slot);\n" +
      "    this.#append({ type: RecordType.armed, imageId, first: attempt, second: other });",
  },
  {
    name: "the journal's last record is taken as it reads",
    file: "src/ota/journal.ts",
    find: "    this.#strengthen();\n",
    replace: "",
  },
  {
    name: "an image that stands there is armed as it reads",
    file: "src/ota/slot-images.ts",
    find: "    if (!options.isReadBack) this.#strengthenHead();\n",
    replace: "",
  },
  {
    name: "a chunk that is torn is taken for written",
    file: "src/ota/slot-writer.ts",
    find: "    const endBytes = Math.min((this.#options.writtenChunkCount ?? 0) * chunkSizeBytes, imageSizeBytes);",
    replace: "    const endBytes = Math.min(((this.#options.writtenChunkCount ?? 0) + 1) * chunkSizeBytes, imageSizeBytes);",
  },
]);

/** A copy of what the chaos needs, its packages by a link. */
function copyTree(): string {
  const folder = mkdtempSync(join(tmpdir(), "holdfast-plants-"));
  for (const path of [...FOLDERS, ...FILES]) cpSync(join(ROOT, path), join(folder, path), { recursive: true });
  symlinkSync(join(ROOT, "node_modules"), join(folder, "node_modules"));
  return folder;
}

/** Of the chaos over the tree: the first promise that was broken, and after how many lives it ended. */
function run(folder: string, lives: string, seed: string): { readonly found: string | undefined; readonly lifeCount: number } {
  const args = ["--import", "tsx/esm", "test/sim/chaos/chaos.ts", "--lives", lives, "--seed", seed, "--until-first", "--json"];
  const { stdout, stderr } = spawnSync(process.execPath, args, { cwd: folder, encoding: "utf8", maxBuffer: 1 << 26 });
  try {
    const report = JSON.parse(stdout) as { lifeCount: number; violations: { what: string }[] };
    return { found: report.violations[0]?.what, lifeCount: report.lifeCount };
  } catch {
    // It may not come as far as its first fault; a plant that does not even run would be found by anybody.
    const found = /without a fault: (\d+: .*)/.exec(stderr)?.[1];
    if (found === undefined) throw new Error(`the planted tree does not run: ${stderr.trim()}`);
    return { found, lifeCount: 0 };
  }
}

const { values } = parseArgs({
  options: {
    only: { type: "string" },
    lives: { type: "string", default: "800" },
    seed: { type: "string", default: "1" },
  },
});
const chosen = PLANTS.filter(({ name }) => values.only === undefined || name.includes(values.only));
const folder = copyTree();
let missedCount = 0;
try {
  for (const { name, file, find, replace } of chosen) {
    const path = join(folder, file);
    const text = readFileSync(path, "utf8");
    if (text.split(find).length !== 2) throw new Error(`${name}: ${file} has no such place, or several`);
    writeFileSync(
      path,
      text.replace(find, () => replace),
    );
    const { found, lifeCount } = run(folder, values.lives, values.seed);
    writeFileSync(path, text);
    if (found === undefined) missedCount++;
    console.log(`${found === undefined ? "MISSED" : "found "}  ${name}: ${found ?? "nothing"} (${lifeCount} lives)`);
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
console.log(`${chosen.length - missedCount} passed, ${missedCount} failed`);
process.exitCode = missedCount === 0 ? 0 : 1;
