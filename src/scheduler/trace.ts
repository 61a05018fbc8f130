/**
 * What a scheduler tells of its runs while they happen, to whoever keeps a trace.
 *
 * An interface by itself, so that a firmware that keeps no trace has no code for one. See trace-ring.ts for the one that is
 * there, and docs/guide/timeline.md.
 */
import type { Priority } from "./task.js";

/** What a run did against its limits. deadline: it ended too late · budget: it took too long · starved: it waits too long. */
export type TimingKind = "deadline" | "budget" | "starved";

/** missed: periods without a run of their own · fault: it threw · wake: the timer expired, and belongs to no task. */
export type TraceKind = TimingKind | "missed" | "fault" | "wake";

/** Nothing in it may allocate or throw. */
export interface SchedulerTrace {
  /** A run begins that was due at `dueMs`. */
  begin(name: string, priority: Priority, dueMs: number, nowMs: number): void;
  /** The run that began last has ended. */
  end(nowMs: number): void;
  /** `value`: ms, a count for missed, 0 where there is nothing to say. */
  note(kind: TraceKind, name: string, nowMs: number, value: number): void;
}
