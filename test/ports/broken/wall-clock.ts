/** Wall clocks with one fault each: what the suite of the WallClock port must notice. Each wraps a right one. */
import type { WallClock, WallClockQuality } from "../../../src/ports/wall-clock.js";
import type { Broken } from "../../harness/port-suite.js";
import type { WallClockSubject } from "../wall-clock.js";

type Open = () => WallClockSubject;
type Setting = Parameters<WallClock["set"]>[0];

/** A right wall clock with the members of `derive` in place of its own. */
function withFault(open: Open, derive: (right: WallClock) => Partial<WallClock>): Open {
  return () => {
    const { wallClock: right, advance } = open();
    const base: WallClock = {
      now: () => right.now(),
      get quality() {
        return right.quality;
      },
      set: (setting) => right.set(setting),
    };
    Object.defineProperties(base, Object.getOwnPropertyDescriptors(derive(right)));
    return { wallClock: base, advance };
  };
}

function withSet(open: Open, set: (right: WallClock, setting: Setting) => void): Open {
  return withFault(open, (right) => ({ set: (setting) => set(right, setting) }));
}

/** Answers the last time that was set, where `isFaulty`. */
function withSetTime(open: Open, isFaulty: (quality: WallClockQuality) => boolean): Open {
  return withFault(open, (right) => {
    let setMs = 0;
    return {
      now: () => (isFaulty(right.quality) ? setMs : right.now()),
      set(setting) {
        right.set(setting);
        setMs = setting.nowMs;
      },
    };
  });
}

function believesTheLast(right: WallClock): Partial<WallClock> {
  let quality: WallClockQuality = "none";
  return {
    get quality() {
      return quality;
    },
    set(setting) {
      quality = setting.quality;
      right.set({ nowMs: setting.nowMs, quality: "rtc" });
    },
  };
}

/** `open` gives a right wall clock. */
export function brokenWallClocks(open: Open): readonly Broken<WallClockSubject>[] {
  return [
    {
      must: "know nothing before it is set: quality none, time 0",
      fault: "starts with the build date",
      open: withFault(open, (right) => ({ now: () => (right.quality === "none" ? 1_700_000_000_000 : right.now()) })),
    },
    {
      must: "answer 0 where a time is set with the quality none",
      fault: "answers what was set with the quality none",
      open: withSetTime(open, (quality) => quality === "none"),
    },
    {
      must: "answer the time and the quality that were set",
      fault: "takes milliseconds for seconds",
      open: withSet(open, (right, setting) => right.set({ nowMs: setting.nowMs * 1000, quality: setting.quality })),
    },
    {
      must: "go on with the monotonic clock",
      fault: "stands still",
      open: withSetTime(open, (quality) => quality !== "none"),
    },
    {
      must: "ignore a time of lower quality than the present one",
      fault: "believes whoever came last",
      open: withFault(open, believesTheLast),
    },
    {
      must: "take a time of equal quality, earlier or later",
      fault: "never goes back",
      open: withSet(open, (right, setting) => {
        if (setting.nowMs >= right.now()) right.set(setting);
      }),
    },
    {
      must: "throw invalid for a time that is not finite and ≥ 0, and keep what it has",
      fault: "ignores it in silence",
      open: withSet(open, (right, setting) => {
        if (Number.isFinite(setting.nowMs) && setting.nowMs >= 0) right.set(setting);
      }),
    },
    {
      must: "throw invalid for a time that is not finite and ≥ 0, and keep what it has",
      fault: "takes the quality before it looks at the time",
      open: withSet(open, (right, setting) => {
        right.set({ nowMs: right.now(), quality: setting.quality });
        right.set(setting);
      }),
    },
    {
      must: "take frozen options and leave open ones as they are",
      fault: "rounds the time in the options",
      open: withSet(open, (right, setting) => {
        (setting as { nowMs: number }).nowMs = Math.round(setting.nowMs);
        right.set(setting);
      }),
    },
  ];
}
