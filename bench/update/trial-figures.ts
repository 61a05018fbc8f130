/** What becomes of a healthy image that is reset on trial, and of a faulty one: counted over lives, beside the peers. */

import { isCutMode, modesFor, type OperationFault } from "../../hosts/node/chaos/fault.js";
import { createSeededChance } from "../../hosts/node/random.js";
import type { Behaviour } from "../../test/node/ota/firmware.js";
import { CONFIGURATIONS } from "../../test/sim/chaos/configuration.js";
import { prepareScenario, type Scenario } from "../../test/sim/chaos/scenario.js";
import type { PeerBehaviour } from "../../test/sim/peers/peer-firmware.js";
import { type PeerLife, type PeerLifeOptions, runPeerLife } from "../../test/sim/peers/peer-life.js";
import { PEER_CONFIGURATIONS, type PeerScenario, preparePeer } from "../../test/sim/peers/peer-scenario.js";
import { SCHEMES, type SchemeName } from "../../test/sim/peers/scheme.js";
import { againBytes, outcomeOf } from "../../test/sim/peers/survival.js";
import type { Cell, Figure, FigureGroup } from "./figure.js";
import { type ResetStorm, runTrial, type TrialReport } from "./trial.js";

/** Five attempts are the bound: as many resets leave none. */
const RESET_COUNT_MAX = 5;
const MOMENTS_MS: readonly number[] = Object.freeze([0, 150, 290]);
const SUPPLY_REASONS = Object.freeze(["powerOn", "brownOut"] as const);
/** Of each faulty image on each slot, drawn among all cuts of its life. */
const CUT_COUNT = 12;
const PEER_SCHEMES = Object.freeze(Object.keys(SCHEMES) as SchemeName[]);
const PEER_FAULTS: readonly PeerBehaviour[] = Object.freeze(["panics", "hangs", "unhealthy"]);

/** What is wrong with an image, and how often it may start without a cut. */
const FAULTY: readonly { readonly name: string; readonly behaviours: readonly Behaviour[]; readonly startCountMax?: number }[] =
  Object.freeze([
    {
      name: "that leaves a trace",
      behaviours: ["crashAtStart", "crashInTask", "crashInCallback", "starved", "unhealthy"],
      startCountMax: 1,
    },
    {
      name: "that leaves none",
      behaviours: ["crashBeforeCore", "hangBeforeCore", "hangAtStart", "hangInTask"],
      startCountMax: 2,
    },
    { name: "that nobody can blame", behaviours: ["undecided", "restless"] },
  ]);

type Peers = Readonly<Record<SchemeName, readonly PeerScenario[]>>;

export function measureTrials(seed: number): FigureGroup[] {
  const scenarios = CONFIGURATIONS.slice(0, 2).map(prepareScenario);
  const validating = PEER_CONFIGURATIONS.filter(({ validation }) => validation === "always");
  const peers = Object.fromEntries(
    PEER_SCHEMES.map((scheme) => [scheme, validating.map((configuration) => preparePeer(SCHEMES[scheme], configuration))]),
  ) as unknown as Peers;
  return [healthyGroup(scenarios, peers, seed), faultyGroup(scenarios, peers, seed)];
}

function healthyGroup(scenarios: readonly Scenario[], peers: Peers, seed: number): FigureGroup {
  const figures: Figure[] = [];
  for (let count = 1; count <= RESET_COUNT_MAX; count++) {
    const storms = SUPPLY_REASONS.flatMap((reason) => MOMENTS_MS.map((atMs): ResetStorm => ({ count, atMs, reason })));
    const trials = scenarios.flatMap((scenario) => storms.map((storm) => runTrial({ scenario, seed, storm })));
    const lives = peerLives(peers, { resetsOnTrial: count, seed });
    const name = `${count} reset${count > 1 ? "s" : ""} on trial`;
    const lost = countOf(trials, ({ wasQuarantined, wasGivenUp }) => wasQuarantined || wasGivenUp);
    const thrownAway = cells(lives, (all) => countOf(all, (life) => outcomeOf(life) !== "updated"));
    if (count < RESET_COUNT_MAX) {
      figures.push({ name: `${name}: banned or given up`, unit: "", holdfast: lost, atMost: 0, peers: thrownAway });
      continue;
    }
    const banned = countOf(trials, ({ wasQuarantined }) => wasQuarantined);
    const later = countOf(trials, ({ wasGivenUp }) => wasGivenUp);
    const most = Math.max(...trials.map((trial) => trial.againBytes));
    const mostOf = (all: readonly PeerLife[]): Cell => ({ value: Math.max(...all.map(againBytes)) });
    figures.push(
      { name: `${name}: banned`, unit: "", holdfast: banned, atMost: 0 },
      { name: `${name}: sent away, to be tried again later`, unit: "", holdfast: later, peers: thrownAway },
      { name: `${name}: kept in the end`, unit: "", holdfast: countOf(trials, ({ serves }) => serves === "new") },
      { name: `${name}: fetched again`, unit: "bytes", holdfast: { value: most }, atMost: 0, peers: cells(lives, mostOf) },
    );
  }
  const how =
    "The first starts of a good image are ended by its supply, power-on or brown-out, 0, 150 and 290 ms into a trial " +
    "of 300 ms, on both slots; then it is calm. Five attempts are the bound: the image is then sent away without a " +
    "ban, and tried once more when the wait for such is over, without a download. Of a peer, lives in which the image " +
    "was fetched again or never came; its resets come after 50 ms.";
  return { title: "A healthy image, and resets on trial", how, figures };
}

function faultyGroup(scenarios: readonly Scenario[], peers: Peers, seed: number): FigureGroup {
  const alone = peerFaults(peers, { seed });
  const disturbed = peerFaults(peers, { seed, resetsOnTrial: 1 });
  const kept = (all: readonly PeerLife[]): Cell => countOf(all, (life) => outcomeOf(life) === "badKept");
  const most = (all: readonly PeerLife[]): Cell => ({ value: Math.max(...all.map(({ newStartCount }) => newStartCount)) });
  const all: TrialReport[] = [];
  const starts: Figure[] = [];
  const below = createSeededChance(seed);
  for (const { name, behaviours, startCountMax } of FAULTY) {
    const worst = [0, 0];
    for (const scenario of scenarios) {
      for (const behaviour of behaviours) {
        const quiet = runTrial({ scenario, seed, behaviour });
        const cuts = Array.from({ length: CUT_COUNT }, () => drawCut(quiet, below));
        const cutTrials = cuts.map((cut, index) => runTrial({ scenario, seed: (seed + index) >>> 0, behaviour, cut }));
        all.push(quiet, ...cutTrials);
        worst[0] = Math.max(worst[0]!, quiet.newStartCount);
        worst[1] = Math.max(worst[1]!, ...cutTrials.map(({ newStartCount }) => newStartCount));
      }
    }
    for (const [cutCount, value] of worst.entries()) {
      const isFirst = starts.length < 2;
      starts.push({
        name: `starts of one ${name}, ${cutCount === 0 ? "no cut" : "one cut"}, worst`,
        unit: "",
        holdfast: { value },
        ...(startCountMax === undefined ? {} : { atMost: startCountMax + cutCount }),
        ...(isFirst ? { peers: cells(cutCount === 0 ? alone : disturbed, most) } : {}),
      });
    }
  }
  const confirmed = countOf(all, ({ confirmedCount, serves }) => confirmedCount > 0 || serves !== "old");
  const how =
    `Eleven images that are bad in one way each, without a cut and with ${CUT_COUNT} cuts by chance, on both slots. ` +
    "Nobody can blame an image that waits for ever, which is sent away at its deadline, or that restarts by itself as " +
    "if that were wanted, which takes its five attempts. A peer's image panics, hangs or is unhealthy, alone and with " +
    "a reset on trial in the place of the cut; one that is fetched and tried for ever is no longer watched after a " +
    "minute and two power cycles.";
  const first: Figure = {
    name: "confirmed, or not gone at the end",
    unit: "",
    holdfast: confirmed,
    atMost: 0,
    peers: cells(alone, kept),
  };
  return { title: "A faulty image", how, figures: [first, ...starts] };
}

function drawCut({ operations }: TrialReport, below: (limit: number) => number): OperationFault {
  const operation = below(operations.length);
  const modes = modesFor(operations[operation]!).filter(isCutMode);
  return { kind: "operation", operation, mode: modes[below(modes.length)]! };
}

function peerLives(peers: Peers, options: Omit<PeerLifeOptions, "scenario">): Record<SchemeName, PeerLife[]> {
  const lives = PEER_SCHEMES.map((scheme) => [scheme, peers[scheme].map((scenario) => runPeerLife({ ...options, scenario }))]);
  return Object.fromEntries(lives) as Record<SchemeName, PeerLife[]>;
}

function peerFaults(peers: Peers, options: Omit<PeerLifeOptions, "scenario" | "behaviour">): Record<SchemeName, PeerLife[]> {
  const rows = PEER_FAULTS.map((behaviour) => peerLives(peers, { ...options, behaviour }));
  return Object.fromEntries(PEER_SCHEMES.map((scheme) => [scheme, rows.flatMap((row) => row[scheme])])) as Record<
    SchemeName,
    PeerLife[]
  >;
}

function cells(
  lives: Readonly<Record<SchemeName, readonly PeerLife[]>>,
  cellOf: (all: readonly PeerLife[]) => Cell,
): Record<SchemeName, Cell> {
  return Object.fromEntries(PEER_SCHEMES.map((scheme) => [scheme, cellOf(lives[scheme])])) as Record<SchemeName, Cell>;
}

function countOf<Life>(lives: readonly Life[], isMeant: (life: Life) => boolean): Cell {
  return { value: lives.filter(isMeant).length, of: lives.length };
}
