/**
 * One supervised part of the firmware: how it is started and stopped, and whether an end of it is followed by a restart.
 *
 * The words are OTP's. There a child is a process that the system can kill; here it is what start() sets up in a scope, and
 * stopping it undoes that scope. See docs/design/supervisor.md.
 *
 *            start()        fault, exit()              restart due
 *   idle ───────────► running ───────────► (ending) ──► waiting ──► running
 *                        │                    │
 *                        │ stop()             └─ no restart by the table, or the last one was one too many
 *                        ▼                                                                       ▼
 *                     stopped                                                                  ended
 */
import type { ChildScope } from "./child-scope.js";

/** permanent: restarted whatever ends it · transient: after a fault only · temporary: never. */
export type RestartType = "permanent" | "transient" | "temporary";

/** exit: the child said so · fault: it threw, or somebody said so. */
export type EndKind = "exit" | "fault";

/**
 * idle: before the supervisor's start · running: also between its end and the supervisor's next turn · waiting: for its
 * restart · ended: for good · stopped: by the supervisor's stop.
 */
export type ChildStatus = "idle" | "running" | "waiting" | "ended" | "stopped";

/** What a composition root says of a child. The functions are called with the object as `this`. */
export interface ChildOptions {
  /** Unique in its supervisor, not empty. By convention also the name of its watchdog channel. */
  readonly name: string;
  /**
   * Sets the child up and returns; what it starts goes through `scope`. A returned function is as if given to `scope.onStop`.
   */
  // biome-ignore lint/suspicious/noConfusingVoidType: a start() without a return statement is the usual one.
  start(scope: ChildScope): void | (() => void);
  /** Runs first when the child stops, if start() had returned. What start() acquires is better undone by `scope.onStop`. */
  stop?(): void;
  readonly restart: RestartType;
  /** From the end to the restart. Default 0: the next turn. */
  readonly backoffMs?: number;
}

export interface Child {
  readonly name: string;
  readonly restart: RestartType;
  readonly status: ChildStatus;
  /** Restarts since the supervisor's start. */
  readonly restartCount: number;
}

/** OTP's table. */
export function isRestartedAfter(restart: RestartType, end: EndKind): boolean {
  if (restart === "permanent") return true;
  return restart === "transient" && end === "fault";
}
