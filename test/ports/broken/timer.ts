/** Timers with one fault each: what the suite of the Timer port must notice. Each extends a right one. */
import { FirmwareError } from "../../../src/errors.js";
import type { Timer, TimerConstructor, TimerOptions } from "../../../src/ports/timer.js";
import type { Broken } from "../../harness/port-suite.js";
import type { TimerSubject } from "../timer.js";

type Open = () => TimerSubject;

function withFault(open: Open, derive: (Right: TimerConstructor) => TimerConstructor): Open {
  return () => {
    const right = open();
    return { Timer: derive(right.Timer), clock: right.clock, advance: (durationMs) => right.advance(durationMs) };
  };
}

/** A timer whose arm does something else. */
function withArm(open: Open, arm: (right: (delayMs: number) => void, delayMs: number, timer: Timer) => void): Open {
  return withFault(
    open,
    (Right) =>
      class extends Right {
        override arm(delayMs: number): void {
          arm((changedMs) => super.arm(changedMs), delayMs, this);
        }
      },
  );
}

/** A timer whose onExpire is called by `call`. */
function withCall(open: Open, call: (onExpire: TimerOptions["onExpire"], timer: Timer) => void): Open {
  return withFault(
    open,
    (Right) =>
      class extends Right {
        constructor(options: TimerOptions) {
          super({
            onExpire() {
              call(options.onExpire, this);
            },
          });
        }
      },
  );
}

function callsAtOnceForZero(open: Open, isFaulty: (inside: boolean) => boolean): Open {
  return withFault(open, (Right) => {
    let inside = false;
    return class extends Right {
      readonly #onExpire: TimerOptions["onExpire"];
      constructor(options: TimerOptions) {
        super({
          onExpire() {
            inside = true;
            options.onExpire.call(this);
            inside = false;
          },
        });
        this.#onExpire = options.onExpire;
      }
      override arm(delayMs: number): void {
        if (delayMs === 0 && isFaulty(inside)) this.#onExpire.call(this);
        else super.arm(delayMs);
      }
    };
  });
}

function brokenExpiry(open: Open): readonly Broken<TimerSubject>[] {
  return [
    {
      must: "call onExpire once",
      fault: "calls at every interval",
      open: withCall(open, (onExpire, timer) => {
        onExpire.call(timer);
        timer.arm(10);
      }),
    },
    {
      must: "not call before the delay has passed by the clock, fractions rounded up",
      fault: "rounds down",
      open: withArm(open, (right, delayMs) => right(Math.floor(delayMs))),
    },
    {
      must: "not call early for the longest delay, 2^31 − 1 ms",
      fault: "keeps 24 bits of the delay",
      open: withArm(open, (right, delayMs) => right(delayMs % 2 ** 24)),
    },
    {
      must: "not call from within arm",
      fault: "calls at once for a delay of 0",
      open: callsAtOnceForZero(open, () => true),
    },
    {
      must: "not call from within an arm inside onExpire, but later",
      fault: "calls at once for a delay of 0 inside onExpire",
      open: callsAtOnceForZero(open, (inside) => inside),
    },
    {
      must: "call onExpire with the timer as this",
      fault: "calls it as a plain function",
      open: withCall(open, (onExpire) => onExpire.call(undefined as unknown as Timer)),
    },
  ];
}

function brokenArming(open: Open): readonly Broken<TimerSubject>[] {
  return [
    {
      must: "replace the earlier time when armed again",
      fault: "keeps the earlier time",
      open: () => {
        const armed = new Set<Timer>();
        return withArm(open, (right, delayMs, timer) => {
          if (!armed.has(timer)) right(delayMs);
          armed.add(timer);
        })();
      },
    },
    {
      must: "refuse a delay that is negative or no number, and keep the time that was armed",
      fault: "forgets the armed time before it looks at the new one",
      open: withArm(open, (right, delayMs, timer) => {
        timer.disarm();
        right(delayMs);
      }),
    },
    {
      must: "refuse a delay that is negative or no number, and keep the time that was armed",
      fault: "takes what is no delay for 0",
      open: withArm(open, (right, delayMs) => right(Math.max(delayMs || 0, 0))),
    },
    {
      must: "not call after disarm",
      fault: "cannot be disarmed",
      open: withFault(
        open,
        (Right) =>
          class extends Right {
            override disarm(): void {}
          },
      ),
    },
    {
      must: "be armed again after disarm and after an expiry",
      fault: "can be armed only once",
      open: () => {
        const armed = new Set<Timer>();
        return withArm(open, (right, delayMs, timer) => {
          if (armed.has(timer)) return;
          armed.add(timer);
          right(delayMs);
        })();
      },
    },
  ];
}

function brokenLife(open: Open): readonly Broken<TimerSubject>[] {
  const withClose = (close: (right: () => void, timer: Timer) => void) =>
    withFault(
      open,
      (Right) =>
        class extends Right {
          override close(): void {
            close(() => super.close(), this);
          }
        },
    );
  return [
    {
      must: "take frozen options and leave open ones as they are",
      fault: "marks the options as used",
      open: withFault(
        open,
        (Right) =>
          class extends Right {
            constructor(options: TimerOptions) {
              super(options);
              Reflect.set(options, "used", true);
            }
          },
      ),
    },
    {
      must: "take frozen options and leave open ones as they are",
      fault: "cannot work with frozen options",
      open: withFault(
        open,
        (Right) =>
          class extends Right {
            constructor(options: TimerOptions) {
              super(options);
              if (Object.isFrozen(options)) throw new TypeError("Timer: the options are frozen");
            }
          },
      ),
    },
    {
      must: "not call after close, even where it is closed inside onExpire",
      fault: "lets the pending call come",
      open: withClose(() => {}),
    },
    {
      must: "do nothing at a second close",
      fault: "throws at the second close",
      open: withClose((right, timer) => {
        timer.disarm();
        right();
      }),
    },
    {
      must: "throw closed at arm and disarm after close",
      fault: "only disarms",
      open: withClose((_right, timer) => timer.disarm()),
    },
    {
      must: "throw closed at arm and disarm after close",
      fault: "throws another code",
      open: withArm(open, () => {
        throw new FirmwareError("refused", "Timer: armed after close()");
      }),
    },
  ];
}

/** `open` gives right timers. */
export function brokenTimers(open: Open): readonly Broken<TimerSubject>[] {
  return [...brokenExpiry(open), ...brokenArming(open), ...brokenLife(open)];
}
