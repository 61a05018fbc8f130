/** What a machine is given when it is made: its context, its source of time, its observers and its bounds. */
import type { ActingMachine } from "./definition.js";
import type { Delays } from "./delays.js";

export interface MachineOptions<Context, Event extends string, State extends string> {
  /** For messages and the names of tasks. */
  readonly name: string;
  /** Handed to every callback; the machine itself never looks into it. */
  readonly context: Context;
  /** Required by a chart with `after`. */
  readonly scheduler?: Delays | undefined;
  /**
   * Gets what a callback threw and no `error.execution` transition answered, and what exceeded a bound. Without it such an
   * error, and with or without it a failed assertion, is thrown by the call (or the task) that started the run, once the
   * machine is at rest.
   */
  readonly onError?: ((error: unknown, machine: ActingMachine<Event, State>) => void) | undefined;
  /**
   * Told after each microstep. `event` is undefined for the start and for eventless transitions; `from` and `to` are paths of
   * leaves. It may send, which queues.
   */
  readonly onTransition?:
    | ((machine: ActingMachine<Event, State>, event: string | undefined, from: string, to: string) => void)
    | undefined;
  /** How many events may wait, raised and sent together. 1 or more, default 8. */
  readonly queueCountMax?: number | undefined;
  /**
   * How many microsteps one event may cause by eventless transitions and raised events, and how many events the machine's own
   * callbacks may send it in one run. 1 or more, default 64.
   */
  readonly microstepCountMax?: number | undefined;
}
