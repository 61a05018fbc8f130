/** `holdfast doctor`: what this computer has and lacks for the simulator and for boards, a line each, and what to do. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { APPLICATION_FILE } from "../build/application.js";
import { green, red, yellow } from "../terminal.js";
import { looksAtApplication } from "./application.js";
import { type Check, check, type Purpose } from "./check.js";
import { type Computer, looksAtComputer } from "./computer.js";

/** What the command meets of the world; a spec brings its own. */
export interface Surroundings extends Computer {
  readonly write: (text: string) => void;
  /** Where an application is looked for if none is named. */
  readonly currentFolder: string;
}

const PAINT = Object.freeze({ ok: green, missing: yellow, wrong: red });
const PURPOSES: readonly Purpose[] = Object.freeze(["everything", "--host xs", "boards"]);

/** Gives the exit code: 0 only where a board's firmware can be built. */
export async function doctorCommand(folder: string | undefined, surroundings: Surroundings): Promise<number> {
  const { currentFolder, write } = surroundings;
  const isHere = existsSync(join(currentFolder, APPLICATION_FILE));
  const application = folder ?? (isHere ? currentFolder : undefined);
  const looks = [...looksAtComputer(surroundings), ...(application === undefined ? [] : looksAtApplication(application))];
  const nameWidth = Math.max(...looks.map(({ name }) => name.length));
  const checks: Check[] = [];
  for (const look of looks) {
    const result = await check(look);
    checks.push(result);
    write(`${PAINT[result.state](result.state.padEnd("missing".length))}  ${look.name.padEnd(nameWidth)}  ${result.says}\n`);
  }
  if (application === undefined) write(`no ${APPLICATION_FILE} here: holdfast doctor FOLDER looks at an application too\n`);
  write(`${summary(checks)}\n`);
  return checks.every(({ state, purpose }) => state === "ok" || purpose === "--host xs") ? 0 : 1;
}

/** As in `boards: 2 missing, 1 wrong (mcconfig, tsc, ESP-IDF)`. */
function summary(checks: readonly Check[]): string {
  const parts = PURPOSES.map((purpose) => {
    const bad = checks.filter((one) => one.purpose === purpose && one.state !== "ok");
    const name = purpose === "everything" ? "simulator" : purpose === "boards" ? purpose : `simulator ${purpose}`;
    if (bad.length === 0) return `${name}: ready`;
    const counts = (["missing", "wrong"] as const)
      .map((state) => ({ state, count: bad.filter((one) => one.state === state).length }))
      .filter(({ count }) => count > 0)
      .map(({ state, count }) => `${count} ${state}`);
    return `${name}: ${counts.join(", ")} (${bad.map(({ name: one }) => one).join(", ")})`;
  });
  return parts.join(" · ");
}
