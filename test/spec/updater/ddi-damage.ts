/** Whatever becomes of hawkBit's documents on the way: a value that is safe to use, or one of two refusals. */
import { errorCodeOf } from "../../../src/errors.js";
import { isPathSegment, parseAction, parseCancel, parsePoll } from "../../../src/updater/ddi-documents.js";
import { equal, ok } from "../../harness/expect.js";
import { describe, it } from "../../harness/spec.js";
import { CANCEL, CONFIRMATION, DEPLOYMENT, PLAIN, POLL, POLL_CANCEL, POLL_CONFIRMATION, SECURE } from "./ddi-golden.js";

const MUTATION_COUNT = 5000;
const SPARE = [
  '"',
  "{",
  "}",
  "[",
  "]",
  ",",
  ":",
  "\\",
  "\\u0000",
  "null",
  "-1",
  "1e999",
  "//",
  "@",
  " ",
  "\n",
  "\u00e9",
  "skip",
];

/** xorshift32: the same mutations at every run, on every engine. */
function randomFrom(seed: number): (limit: number) => number {
  let state = seed;
  return (limit) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % limit;
  };
}

/** One to three changes: something left out, put in, doubled, or in another place. */
function mutated(text: string, random: (limit: number) => number): string {
  let changed = text;
  for (let count = 1 + random(3); count > 0; count--) {
    const at = random(changed.length + 1);
    const end = Math.min(at + 1 + random(8), changed.length);
    const [before, part, after] = [changed.substring(0, at), changed.substring(at, end), changed.substring(end)];
    const way = random(4);
    if (way === 0) changed = before + after;
    else if (way === 1) changed = before + SPARE[random(SPARE.length)]! + part + after;
    else if (way === 2) changed = before + SPARE[random(SPARE.length)]! + after;
    else changed = before + part + part + after;
  }
  return changed;
}

describe("hawkBit's documents, damaged 5,000 times each,", () => {
  /** Either a value or one of the two refusals; nothing but the latter leads elsewhere or into a request. */
  function damage(document: object, seed: number, parse: (text: string) => object): void {
    const random = randomFrom(seed);
    const text = JSON.stringify(document);
    const seen = { value: 0, corrupt: 0, refused: 0 };
    for (let index = 0; index < MUTATION_COUNT; index++) {
      const broken = mutated(text, random);
      try {
        demandHarmless(parse(broken), broken);
        seen.value++;
      } catch (error) {
        const code = errorCodeOf(error);
        ok(code === "corrupt" || code === "refused", `${broken}: ${error}`);
        seen[code]++;
      }
    }
    ok(seen.value > 50 && seen.corrupt > 50, JSON.stringify(seen));
  }

  /** Whatever came out goes into requests and logs. */
  function demandHarmless(value: object, text: string): void {
    for (const [name, member] of Object.entries(value)) {
      if (name.endsWith("Path") || name === "path") ok(member === undefined || /^\/[!-~]{0,511}$/.test(member), text);
      else if (name === "id" || name === "stopId") ok(isPathSegment(member), text);
      else if (name === "artifacts") for (const artifact of member) demandHarmless(artifact, text);
      else if (name === "sleepMs") ok(member === undefined || (Number.isFinite(member) && member > 0), text);
      else if (name === "sizeBytes") ok(Number.isInteger(member) && member >= 0, text);
      else if (name === "filename" || name === "version") ok(/^[ -~]{1,128}$/.test(member), text);
      else equal(typeof member, "boolean", text);
    }
  }

  it("a poll", () =>
    damage({ ...POLL, _links: { ...POLL._links, ...POLL_CANCEL._links } }, 1, (text) => parsePoll(text, PLAIN)));
  it("a poll for consent", () => damage(POLL_CONFIRMATION, 2, (text) => parsePoll(text, PLAIN)));
  // Of the modules the first alone, and of the artifacts: XS takes its time.
  const [{ version, artifacts }] = DEPLOYMENT.deployment.chunks;
  const chunks = [{ version, artifacts: artifacts.slice(1) }];
  const deployment = { ...DEPLOYMENT, deployment: { ...DEPLOYMENT.deployment, chunks } };
  const confirmation = { ...CONFIRMATION, confirmation: { ...CONFIRMATION.confirmation, chunks } };

  it("a deployment", () => damage(deployment, 3, (text) => parseAction(text, PLAIN)));
  it("a deployment by TLS", () => damage(confirmation, 4, (text) => parseAction(text, SECURE)));
  it("a cancellation", () => damage(CANCEL, 5, (text) => parseCancel(text)));
});
