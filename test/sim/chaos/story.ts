/**
 * What a life tells beside its faults: a good update, a release that is bad in one way, or a server that lies in one way; an
 * update that another one follows; or a storm of cuts at one operation.
 *
 * Each bad release says how it has to end and how often it may start; each lie is what becomes of a good answer. The words are
 * part of a life's name, so they stay as they are. See docs/design/chaos.md.
 */
import type { ScriptedAnswer, ScriptedRequest } from "../../harness/scripted-server.js";
import type { Behaviour } from "../../node/ota/firmware.js";
import { DEPLOY_KEY, type Fleet, RELEASE_KEY, type Subject } from "../../node/ota/fleet.js";
import { describeBytes } from "../../node/signing/sign-at-once.js";
import type { Scenario } from "./scenario.js";

/**
 * How a bad release ends. quarantined: it is to blame · rejected: nobody can say, so it is sent away without being banned, and
 * may be tried again later.
 */
export interface BadEnd {
  readonly verdict: "quarantined" | "rejected";
  /** Starts of it, without a cut. */
  readonly startCountMax: number;
  /** Whether the watchdog is what has to end each of its starts. */
  readonly isHang: boolean;
  /** It passes its gate, and the ladder is what sends it away: the way back leads to lower floors. */
  readonly isKept?: boolean;
}

const BAD_ENDS: Readonly<Partial<Record<Behaviour, BadEnd>>> = Object.freeze({
  // Nothing shows that it was the image: it gets a second start.
  crashBeforeCore: { verdict: "quarantined", startCountMax: 2, isHang: false },
  crashAtStart: { verdict: "quarantined", startCountMax: 1, isHang: false },
  crashInTask: { verdict: "quarantined", startCountMax: 1, isHang: false },
  crashInCallback: { verdict: "quarantined", startCountMax: 1, isHang: false },
  starved: { verdict: "quarantined", startCountMax: 1, isHang: false },
  hangBeforeCore: { verdict: "quarantined", startCountMax: 2, isHang: true },
  hangAtStart: { verdict: "quarantined", startCountMax: 2, isHang: true },
  hangInTask: { verdict: "quarantined", startCountMax: 2, isHang: true },
  unhealthy: { verdict: "quarantined", startCountMax: 1, isHang: false },
  undecided: { verdict: "rejected", startCountMax: 1, isHang: false },
  restless: { verdict: "rejected", startCountMax: 5, isHang: false },
  // Its trial, four starts that end by its fault, and the fifth, which is told to go back.
  crashWhenKept: { verdict: "quarantined", startCountMax: 6, isHang: false, isKept: true },
} satisfies Partial<Record<Behaviour, BadEnd>>);

/** Ways in which a release is bad. */
export const BAD_BEHAVIOURS = Object.freeze(Object.keys(BAD_ENDS) as Behaviour[]);

/** What is answered instead, and what is offered instead where it is the offer that lies. */
interface Lie {
  readonly answer?: (subject: Subject, good: () => ScriptedAnswer, request: ScriptedRequest) => ScriptedAnswer | undefined;
  readonly update?: (scenario: Scenario, fleet: Fleet) => Uint8Array;
  /** What is served as the image. */
  readonly file?: (scenario: Scenario) => Uint8Array;
  /** Nothing shows the device that it is one: without a clock nothing expires. */
  readonly isUnseen?: boolean;
  /** Only an image on trial hears it: it may be tried, and not kept. */
  readonly isOnTrial?: boolean;
}

const ofImage = (change: (good: ScriptedAnswer, body: Uint8Array) => ScriptedAnswer): Lie => ({
  answer: (subject, good) => {
    if (subject !== "image") return undefined;
    const answer = good();
    return { ...answer, ...change(answer, answer.body as Uint8Array) };
  },
});

/** Signed for something else than this device, or by somebody else; numbers that nothing was signed with yet. */
const signed =
  (change: Partial<Parameters<Fleet["sign"]>[1]>): NonNullable<Lie["update"]> =>
  ({ images, newVersion, releases }, fleet) => {
    const { sequenceNumber } = releases[newVersion]!;
    return fleet.sign(images[newVersion]!, {
      version: newVersion,
      release: { sequenceNumber, ...change.release },
      deployment: { sequenceNumber, ...change.deployment },
    });
  };

const LIES: Readonly<Record<string, Lie>> = Object.freeze({
  "200for206": ofImage(() => ({ status: 200 })),
  short: ofImage((_, body) => ({ body: body.subarray(0, body.length >> 1), contentLength: "none" })),
  long: ofImage((_, body) => ({ body: joined(body, 9000), contentLength: "none" })),
  endless: ofImage((_, body) => ({ body: joined(body, 1_000_000), contentLength: "none" })),
  stalled: ofImage((_, body) => ({ sentBytes: body.length >> 1, end: "stall" })),
  cut: ofImage((_, body) => ({ sentBytes: body.length - 1, end: "reset" })),
  wrongBytes: ofImage((_, body) => ({ body: turned(body) })),
  wrongRange: ofImage(() => ({ headers: { etag: '"1"', "content-range": "bytes 0-16383/16384" } })),
  otherFile: ofImage((good) => ({ headers: { ...good.headers, etag: JSON.stringify(good.headers?.["content-range"]) } })),
  garbage: { update: () => new Uint8Array(600).fill(0xa5) },
  tornManifest: { update: ({ update }) => update.subarray(0, update.length - 40) },
  oldManifest: { update: signed({ release: { sequenceNumber: 0 }, deployment: { sequenceNumber: 0 } }) },
  otherDevice: { update: signed({ deployment: { device: "B2" } }) },
  otherClass: { update: signed({ release: { deviceClass: "toaster" } }) },
  forgedRelease: { update: signed({ release: { key: DEPLOY_KEY } }) },
  forgedDeployment: { update: signed({ deployment: { key: RELEASE_KEY } }) },
  expired: { update: signed({ deployment: { issuedS: 1000, expiresS: 2000 } }), isUnseen: true },
  trailing: {
    update: (scenario, fleet) => {
      const image = scenario.images[scenario.newVersion]!;
      const describe = (fields: Map<number, unknown>): void => describeBytes(fields, trailed(scenario), image.slice(-32));
      return fleet.sign(image, { version: scenario.newVersion, changeRelease: describe });
    },
    file: trailed,
  },
  deafOnTrial: { answer: (subject) => (subject === "image" ? { status: 503 } : undefined), isOnTrial: true },
});
export const LIE_NAMES = Object.freeze(Object.keys(LIES));

/**
 * Two updates. mended: the first one is sent away as unhealthy, the second one is the same release, built anew · overtaken: the
 * second one is offered while the first one is on trial.
 */
const SUCCESSIONS: Readonly<Record<string, Behaviour>> = Object.freeze({ mended: "unhealthy", overtaken: "healthy" });
export const SUCCESSION_NAMES = Object.freeze(Object.keys(SUCCESSIONS));

/** Power is cut at the same operation of every start, time and again. */
export interface Storm {
  /** The first start that is cut, from 1. */
  readonly start: number;
  /** Of each start, from 0, the bootloader's included. It is cut before that one. */
  readonly operation: number;
}

/** "good", a behaviour of the new release, "lie-…", "mended", "overtaken", or "storm-START-OPERATION". */
export type Story = string;

/** Of the new release; of two, of the first one. */
export function badEndOf(story: Story): BadEnd | undefined {
  return BAD_ENDS[behaviourOf(story)];
}

export function behaviourOf(story: Story): Behaviour {
  if (isSuccession(story)) return SUCCESSIONS[story]!;
  return Object.hasOwn(BAD_ENDS, story) ? (story as Behaviour) : "healthy";
}

/** Whether another update follows. */
export function isSuccession(story: Story): boolean {
  return Object.hasOwn(SUCCESSIONS, story);
}

export function stormOf(story: Story): Storm | undefined {
  const [, start, operation] = /^storm-(\d+)-(\d+)$/.exec(story) ?? [];
  return start === undefined ? undefined : { start: Number(start), operation: Number(operation) };
}

export function isLie(story: Story): boolean {
  return lieOf(story) !== undefined;
}

/** Whether anybody could tell such a story. */
export function isStory(story: Story): boolean {
  return (
    story === "good" || behaviourOf(story) !== "healthy" || isLie(story) || isSuccession(story) || stormOf(story) !== undefined
  );
}

/** Whether the device has no way to know that the server lies. */
export function isUnseen(story: Story): boolean {
  return lieOf(story)?.isUnseen === true;
}

/** What the server says instead of the truth; `undefined`: nothing. */
export function lieAnswer(story: Story): Lie["answer"] {
  return lieOf(story)?.answer;
}

/** What is offered in the place of the signed update. */
export function offeredUpdate(story: Story, scenario: Scenario, fleet: Fleet): Uint8Array {
  return lieOf(story)?.update?.(scenario, fleet) ?? scenario.update;
}

/** Whether only an image on trial hears the lie. */
export function isOnTrial(story: Story): boolean {
  return lieOf(story)?.isOnTrial === true;
}

/** What is served as the new image. */
export function servedImage(story: Story, scenario: Scenario): Uint8Array {
  return lieOf(story)?.file?.(scenario) ?? scenario.images[scenario.newVersion]!;
}

function lieOf(story: Story): Lie | undefined {
  return story.startsWith("lie-") ? LIES[story.slice(4)] : undefined;
}

/** The image, and bytes behind its end that are signed with it. */
function trailed({ images, newVersion }: Scenario): Uint8Array {
  return joined(images[newVersion]!, 4000);
}

function joined(body: Uint8Array, moreBytes: number): Uint8Array {
  const longer = new Uint8Array(body.length + moreBytes).fill(0xa5);
  longer.set(body);
  return longer;
}

function turned(body: Uint8Array): Uint8Array {
  const copy = body.slice();
  copy[copy.length >> 1]! ^= 4;
  return copy;
}
