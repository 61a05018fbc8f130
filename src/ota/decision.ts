/**
 * The decision table of an A/B device: what the boot authority does in each situation that it can find at a start.
 *
 * Everything that is found is put into six closed words first (`Situation`); the table maps every combination of them to
 * exactly one row. It is data, so that a spec can walk the whole product, docs/design/ota.md can print it, and a reader can
 * hold it against the bootloader's rules.
 */
import { assert } from "../assert.js";
import { deepFreeze } from "../freeze.js";
import type { Rung } from "./ladder.js";

/** known: the host knows which slot is running, and the journal took the BOOT of this start. */
export type SlotKnowledge = "known" | "unknown";
/**
 * The running slot's own otadata entry. confirmed: VALID, and the one the bootloader follows · pending: PENDING_VERIFY ·
 * unstated: NEW or without a state, as a bootloader without rollback leaves it · unsettled: none, one that is not usable, or
 * one that is outranked by the entry of a slot that did not boot.
 */
export type OwnEntry = "confirmed" | "pending" | "unstated" | "unsettled";
/**
 * What became of the image last armed. none: no open trial · running: it runs, or one that was never armed · cut: power, or
 * nobody knows, or it seems to have failed, for the first time · ended: a wanted restart before a verdict · tired: cut or
 * ended, and not for the first time · faulted: it failed, or seems so once more · exhausted: cut or ended, as often as may be ·
 * sentAway: none is open, and the image that runs was sent away: the cut came before otadata.
 */
export type TrialFate = "none" | "running" | "cut" | "ended" | "tired" | "faulted" | "exhausted" | "sentAway";
/** Whose image the journal's last CONFIRMED names; `other` only where the running image is the one that it replaced. */
export type ConfirmedClaim = "own" | "other" | "neither";
/** The image in the other slot. armed: whole, of the open trial · outdated: whole, below the least security version. */
export type OtherImage = "armed" | "whole" | "outdated" | "quarantined" | "broken";

/** What the boot authority found, in closed words. */
export interface Situation {
  readonly slot: SlotKnowledge;
  readonly own: OwnEntry;
  readonly fate: TrialFate;
  readonly claim: ConfirmedClaim;
  readonly other: OtherImage;
  /** Of the ladder: how many starts in a row went wrong. */
  readonly rung: Rung;
}

/**
 * settle: make the own entry VALID and the one that the bootloader follows · quarantine, reject: close the open trial in the
 * journal · rearm, revert, fallBack: arm the other slot as a trial and restart · leave: the own entry INVALID, and restart.
 */
export type BootAction = "settle" | "quarantine" | "reject" | "rearm" | "revert" | "fallBack" | "leave";
/**
 * observe: run, nothing may be written · trial: run, and ask the health gate · waiting: run, and arm the other slot once more
 * in a while · normal: run.
 */
export type BootMode = "observe" | "trial" | "waiting" | "normal";

/** One row. A column that is left out admits every word. */
export interface DecisionRow {
  readonly name: string;
  readonly when: { readonly [Column in keyof Situation]?: readonly Situation[Column][] };
  readonly actions: readonly BootAction[];
  readonly mode: BootMode;
  readonly why: string;
}

const KNOWN: readonly SlotKnowledge[] = Object.freeze(["known"] as const);
const NOT_JUDGED: readonly TrialFate[] = Object.freeze(["cut", "ended"] as const);
const NOT_ARMED: readonly OtherImage[] = Object.freeze(["whole", "outdated", "quarantined", "broken"] as const);
const NOT_WHOLE: readonly OtherImage[] = Object.freeze(["outdated", "quarantined", "broken"] as const);
const NOT_OTHER: readonly ConfirmedClaim[] = Object.freeze(["own", "neither"] as const);

/** Rows for an open trial and an own entry that is in order, and the same with the repair in front. */
function openTrialRows(suffix: string, own: readonly OwnEntry[], repair: readonly BootAction[]): DecisionRow[] {
  return [
    {
      name: `quarantine${suffix}`,
      when: { slot: KNOWN, own, fate: ["faulted"] },
      actions: [...repair, "quarantine"],
      mode: "normal",
      why: "the image failed by itself: it is not tried again until a newer offer names it",
    },
    {
      name: `give up${suffix}`,
      when: { slot: KNOWN, own, fate: ["exhausted"] },
      actions: [...repair, "reject"],
      mode: "normal",
      why: "armed as often as allowed and never judged: later again, without quarantine",
    },
    {
      name: `re-arm${suffix}`,
      when: { slot: KNOWN, own, fate: NOT_JUDGED, other: ["armed"] },
      actions: [...repair, "rearm"],
      mode: "normal",
      why: "power took the trial, not the image: it gets another one without a download",
    },
    {
      name: `re-arm later${suffix}`,
      when: { slot: KNOWN, own, fate: ["tired"], other: ["armed"] },
      actions: repair,
      mode: "waiting",
      why: "power took more than one trial: it gets another one when things have calmed down",
    },
    {
      name: `lost${suffix}`,
      when: { slot: KNOWN, own, fate: [...NOT_JUDGED, "tired"], other: NOT_ARMED },
      actions: [...repair, "reject"],
      mode: "normal",
      why: "the armed image is not in the slot any more: it has to be fetched again",
    },
  ];
}

/** The same where no trial is open. */
function quietRows(suffix: string, own: readonly OwnEntry[], repair: readonly BootAction[]): DecisionRow[] {
  return [
    {
      name: `revert${suffix}`,
      when: { slot: KNOWN, own, fate: ["none"], claim: ["other"], other: ["armed", "whole"] },
      actions: [...repair, "revert"],
      mode: "normal",
      why: "the other image was confirmed, but a cut kept otadata from saying so: back to it, as a trial",
    },
    {
      name: `run, other lost${suffix}`,
      when: { slot: KNOWN, own, fate: ["none"], claim: ["other"], other: NOT_WHOLE },
      actions: repair,
      mode: "normal",
      why: "the confirmed image is damaged or banned: this one serves",
    },
    {
      name: `fall back${suffix}`,
      when: { slot: KNOWN, own, fate: ["none"], claim: NOT_OTHER, other: ["armed", "whole"], rung: ["fallback"] },
      actions: [...repair, "fallBack"],
      mode: "normal",
      why: "five starts went wrong: the other image is tried, once",
    },
    {
      name: `run, no way back${suffix}`,
      when: { slot: KNOWN, own, fate: ["none"], claim: NOT_OTHER, other: NOT_WHOLE, rung: ["fallback"] },
      actions: repair,
      mode: "normal",
      why: "five starts went wrong, and the other slot has nothing that may run",
    },
    {
      name: `run${suffix}`,
      when: { slot: KNOWN, own, fate: ["none"], claim: NOT_OTHER, rung: ["ground", "probe", "essential", "safe"] },
      actions: repair,
      mode: "normal",
      why: "nothing is open",
    },
  ];
}

/** The table. Every situation meets exactly one row (test/spec/ota/decision-table.ts walks all of them). */
export const DECISION_TABLE: readonly DecisionRow[] = deepFreeze([
  {
    name: "observe",
    when: { slot: ["unknown"] },
    actions: [],
    mode: "observe",
    why: "without the running slot, or without a journal, no entry can be judged: nothing is rewritten",
  },
  {
    name: "finish confirm",
    when: { slot: KNOWN, own: ["pending"], fate: ["none"], claim: ["own"] },
    actions: ["settle"],
    mode: "normal",
    why: "CONFIRMED stands in the journal, the cut came before otadata",
  },
  {
    name: "trial without record",
    when: { slot: KNOWN, own: ["pending"], fate: ["none"], claim: ["other", "neither"] },
    actions: [],
    mode: "trial",
    why: "the bootloader says trial, the journal knows of none (flashed by a tool, or the journal was lost)",
  },
  {
    name: "trial, older one open",
    when: { slot: KNOWN, own: ["pending"], fate: ["cut", "ended", "tired", "faulted", "exhausted"] },
    actions: [],
    mode: "trial",
    why: "first this image, then the verdict on the other one",
  },
  {
    name: "trial",
    when: { slot: KNOWN, fate: ["running"] },
    actions: [],
    mode: "trial",
    why: "the armed image runs and has no verdict, whatever its entry says",
  },
  {
    name: "leave",
    when: { slot: KNOWN, fate: ["sentAway"], other: ["armed", "whole"] },
    actions: ["leave"],
    mode: "normal",
    why: "REJECTED or QUARANTINE of this image stands in the journal, the cut came before otadata",
  },
  {
    name: "stay, though sent away",
    when: { slot: KNOWN, fate: ["sentAway"], other: NOT_WHOLE },
    actions: ["settle"],
    mode: "normal",
    why: "the image was sent away, and nothing else would boot",
  },
  ...openTrialRows("", ["confirmed"], []),
  ...quietRows("", ["confirmed"], []),
  ...openTrialRows(" after repair", ["unstated", "unsettled"], ["settle"]),
  ...quietRows(" after repair", ["unstated", "unsettled"], ["settle"]),
]);

function admits(row: DecisionRow, situation: Situation): boolean {
  const when = row.when;
  return (
    (when.slot === undefined || when.slot.indexOf(situation.slot) >= 0) &&
    (when.own === undefined || when.own.indexOf(situation.own) >= 0) &&
    (when.fate === undefined || when.fate.indexOf(situation.fate) >= 0) &&
    (when.claim === undefined || when.claim.indexOf(situation.claim) >= 0) &&
    (when.other === undefined || when.other.indexOf(situation.other) >= 0) &&
    (when.rung === undefined || when.rung.indexOf(situation.rung) >= 0)
  );
}

/** The one row for `situation`. */
export function decide(situation: Situation): DecisionRow {
  for (let index = 0; index < DECISION_TABLE.length; index++) {
    const row = DECISION_TABLE[index]!;
    if (admits(row, situation)) return row;
  }
  assert(false, "decide: the table has a row for every situation");
}

/** All rows that admit `situation`: one, or the table is wrong. For the spec that walks the product. */
export function rowsFor(situation: Situation): readonly DecisionRow[] {
  return DECISION_TABLE.filter((row) => admits(row, situation));
}
