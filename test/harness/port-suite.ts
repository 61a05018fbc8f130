/**
 * A port's law as a list of obligations, so that the same list proves an implementation and is proved by broken ones.
 *
 * Each obligation is one MUST. `describePort` turns the list into specs for a real implementation; `describeBroken` runs it
 * over faulty ones and fails where the suite does not notice: a check that cannot fail is found here.
 */
import { ok } from "./expect.js";
import { describe, it } from "./spec.js";

/** One MUST of a port. `check` gets a fresh subject and throws where the MUST is broken. */
export interface Obligation<Subject> {
  readonly must: string;
  check(subject: Subject): void | Promise<void>;
}

/** A faulty implementation and the MUST that it breaks. */
export interface Broken<Subject> {
  /** The `must` of the obligation that has to fail. */
  readonly must: string;
  /** What is wrong with it, in a few words. */
  readonly fault: string;
  open(): Subject;
}

/** Specs for one implementation: each obligation on a subject of its own. */
export function describePort<Subject>(
  name: string,
  obligations: readonly Obligation<Subject>[],
  open: () => Subject,
  close?: (subject: Subject) => void,
): void {
  describe(name, () => {
    for (const obligation of obligations) {
      it(`must: ${obligation.must}`, async () => {
        const subject = open();
        try {
          await obligation.check(subject);
        } finally {
          close?.(subject);
        }
      });
    }
  });
}

/** Specs that each obligation has a broken implementation, and that the suite fails on it. */
export function describeBroken<Subject>(
  name: string,
  obligations: readonly Obligation<Subject>[],
  broken: readonly Broken<Subject>[],
): void {
  describe(`${name}: the suite notices`, () => {
    for (const faulty of broken) {
      it(`${faulty.fault} (${faulty.must})`, async () => {
        const obligation = obligations.find((candidate) => candidate.must === faulty.must);
        ok(obligation, `no obligation is called "${faulty.must}"`);
        let noticed = false;
        try {
          await obligation.check(faulty.open());
        } catch {
          noticed = true;
        }
        ok(noticed, `the suite passed a broken implementation: ${faulty.fault}`);
      });
    }
    it("has a broken implementation for every MUST", () => {
      const missing = obligations.filter((obligation) => !broken.some((faulty) => faulty.must === obligation.must));
      ok(missing.length === 0, `no broken implementation for: ${missing.map((obligation) => obligation.must).join("; ")}`);
    });
  });
}
