/**
 * A supervisor whose children leave a trace: "time what" for each start, stop, run, fault and escalation.
 *
 * Shared by the specs of the supervisor. Time stands still until a spec moves it.
 */
import { messageOf } from "../../../src/errors.js";
import { Scheduler } from "../../../src/scheduler/scheduler.js";
import type { Child, ChildOptions } from "../../../src/supervisor/child.js";
import type { ChildScope } from "../../../src/supervisor/child-scope.js";
import { Supervisor } from "../../../src/supervisor/supervisor.js";
import { ManualTime } from "../scheduler/manual-time.js";

export interface SupervisedOptions {
  readonly restartCountMax?: number;
  readonly periodMs?: number;
  readonly crashRecordCountMax?: number;
  readonly childCountMax?: number;
  readonly onEscalate?: (child: Child, cause: unknown) => void;
  readonly onChildFault?: (child: Child, error: unknown) => void;
}

export class Supervised {
  readonly time = new ManualTime();
  readonly log: string[] = [];
  readonly scheduler: Scheduler;
  readonly supervisor: Supervisor;

  constructor(options: SupervisedOptions = {}) {
    this.scheduler = new Scheduler({
      ...this.time,
      taskCountMax: 16,
      onFault: (task, error) => {
        if (!this.supervisor.onTaskFault(task, error)) this.note(`unowned fault in ${task.name}: ${messageOf(error)}`);
      },
    });
    this.supervisor = new Supervisor({
      clock: this.time.clock,
      scheduler: this.scheduler,
      childCountMax: options.childCountMax ?? 8,
      intensity: { restartCountMax: options.restartCountMax ?? 3, periodMs: options.periodMs ?? 1000 },
      ...(options.crashRecordCountMax === undefined ? {} : { crashRecordCountMax: options.crashRecordCountMax }),
      onEscalate: (child, cause) => {
        this.note(`escalate ${child.name}: ${messageOf(cause)}`);
        options.onEscalate?.(child, cause);
      },
      onChildFault: (child, error) => {
        this.note(`fault ${child.name}: ${messageOf(error)}`);
        options.onChildFault?.(child, error);
      },
    });
    this.scheduler.start();
  }

  note(text: string): void {
    this.log.push(`${this.time.nowMs} ${text}`);
  }

  /** The trace since the last call. */
  trace(): string[] {
    return this.log.splice(0);
  }

  /** Adds a child that traces its starts and stops. `body` runs within its start(). */
  add(name: string, restart: ChildOptions["restart"], body?: (scope: ChildScope) => void, backoffMs = 0): Child {
    return this.supervisor.add({
      name,
      restart,
      backoffMs,
      start: (scope) => {
        this.note(`start ${name}`);
        body?.(scope);
        return () => this.note(`stop ${name}`);
      },
    });
  }
}

/** A task that throws `message` once, `delayMs` after the child's start. */
export function throwAfter(scope: ChildScope, name: string, delayMs: number, message = "broken"): void {
  scope.after({
    name,
    delayMs,
    run() {
      throw new Error(message);
    },
  });
}
