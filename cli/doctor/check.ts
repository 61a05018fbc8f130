/**
 * One look of the doctor: what it looks for, what is found or missing, and what to do about it.
 *
 * A look is a function that says what it found, or throws as everything else here does; so what `holdfast build` would refuse
 * is found by the same code and told in the same words.
 */
import { errorCodeOf, messageOf } from "../../src/errors.js";

/** What it takes to work: the simulator, the simulator on the device's engine, boards, or the application that is looked at. */
export type Purpose = "simulator" | "simulator --host xs" | "boards" | "this application";

export interface Look {
  readonly name: string;
  readonly purposes: readonly Purpose[];
  /** Says what was found. Throws `missing` where there is nothing, anything else where it is not good. */
  readonly look: () => string | Promise<string>;
  /** What to do where it throws. */
  readonly advice: string;
}

/** How a look ended. */
export interface Check {
  readonly name: string;
  readonly purposes: readonly Purpose[];
  readonly state: "ok" | "missing" | "wrong";
  readonly says: string;
}

/** Never rejects: what goes wrong is what it is for. */
export async function check({ name, purposes, look, advice }: Look): Promise<Check> {
  try {
    return { name, purposes, state: "ok", says: await look() };
  } catch (error) {
    const state = errorCodeOf(error) === "missing" ? "missing" : "wrong";
    return { name, purposes, state, says: `${messageOf(error)} (${advice})` };
  }
}
