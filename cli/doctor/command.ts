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

/** Of these the command needs all, so what is missing for one of them is as bad as what is wrong. */
const NEEDED: readonly Purpose[] = Object.freeze(["simulator", "this application"]);
const PURPOSES: readonly Purpose[] = Object.freeze(["simulator", "simulator --host xs", "boards", "this application"]);

/** Gives the exit code: 0 where the simulator works and the application, if there is one, is right; boards are optional. */
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
    write(`${mark(result)}  ${look.name.padEnd(nameWidth)}  ${result.says}\n`);
  }
  if (application === undefined) write(`no ${APPLICATION_FILE} here: holdfast doctor FOLDER looks at an application too\n`);
  const looked = PURPOSES.filter((purpose) => checks.some(({ purposes }) => purposes.includes(purpose)));
  for (const purpose of looked) write(`${summary(purpose, checks)}\n`);
  return checks.every((one) => one.state === "ok" || !isNeeded(one)) ? 0 : 1;
}

function isNeeded({ purposes }: Check): boolean {
  return purposes.some((purpose) => NEEDED.includes(purpose));
}

function mark(one: Check): string {
  if (one.state === "ok") return green("✓");
  return one.state === "missing" && !isNeeded(one) ? yellow("–") : red("✗");
}

/** As in `boards: not ready because mcconfig is missing, TypeScript is wrong`. */
function summary(purpose: Purpose, checks: readonly Check[]): string {
  const bad = checks.filter(({ purposes, state }) => purposes.includes(purpose) && state !== "ok");
  if (bad.length === 0) return `${purpose}: ready`;
  return `${purpose}: not ready because ${bad.map(({ name, state }) => `${name} is ${state}`).join(", ")}`;
}
