/**
 * Supervisor: restarts the part of the firmware that failed, and gives up on the device only when that does not help.
 *
 * One exception restarts a whole chip on the usual JavaScript engines, and everything else it was doing is lost with it. Here
 * a fault ends one child; OTP's table says whether it is started again, and OTP's intensity when restarts have stopped being a
 * cure. Nothing is stopped or started inside the callback that reports a fault, whose caller is in the middle of the child's
 * own code: it is noted, and a task of the highest priority acts on it. See docs/design/supervisor.md.
 */
import { assert } from "../assert.js";
import { FirmwareError, messageOf } from "../errors.js";
import type { Clock } from "../ports/clock.js";
import type { Task } from "../scheduler/task.js";
import { type Child, type ChildOptions, isRestartedAfter } from "./child.js";
import { ChildScope, type TaskSource } from "./child-scope.js";
import { CrashLog, type CrashRecord } from "./crash-log.js";
import { type Intensity, RestartWindow } from "./restart-window.js";
import { SupervisedChild } from "./supervised-child.js";

/** OTP's names. Only oneForOne is there yet. */
export type Strategy = "oneForOne" | "oneForAll" | "restForOne";

export interface SupervisorOptions {
  readonly clock: Clock;
  /** One of its tasks is taken: `supervisor`. */
  readonly scheduler: TaskSource;
  readonly childCountMax: number;
  /** Default oneForOne: nobody but the child that ended is touched. */
  readonly strategy?: Strategy;
  readonly intensity: Intensity;
  /** Crashes that are remembered. Default 8. */
  readonly crashRecordCountMax?: number;
  /**
   * One restart too many: called once, and nothing is restarted from then on. MUST end in a restart of the device. `cause` is
   * what the child threw last; `undefined` where a permanent child has merely exited.
   */
  readonly onEscalate: (child: Child, cause: unknown) => void;
  /** Told of each fault that ends a child, before the child is stopped, in the supervisor's own task. */
  readonly onChildFault?: (child: Child, error: unknown) => void;
}

const CRASH_RECORD_COUNT_MAX_DEFAULT = 8;

export class Supervisor {
  readonly #clock: Clock;
  readonly #scheduler: TaskSource;
  readonly #childCountMax: number;
  readonly #onEscalate: (child: Child, cause: unknown) => void;
  readonly #onChildFault: ((child: Child, error: unknown) => void) | undefined;
  readonly #window: RestartWindow;
  readonly #crashes: CrashLog;
  readonly #children: SupervisedChild[] = [];
  readonly #task: Task;
  #phase: "new" | "running" | "escalated" | "stopped" = "new";

  /** Asserts its bounds; throws `unsupported` for a strategy that is not there yet, and as `Scheduler.task` does. */
  constructor(options: SupervisorOptions) {
    const { childCountMax, strategy = "oneForOne" } = options;
    assert(Number.isSafeInteger(childCountMax) && childCountMax > 0, "supervisor: childCountMax is a whole number above 0");
    assert(typeof options.onEscalate === "function", "supervisor: onEscalate is a function");
    if (strategy !== "oneForOne") {
      throw new FirmwareError("unsupported", `supervisor: the strategy ${strategy} is not there yet; expected oneForOne`);
    }
    this.#clock = options.clock;
    this.#scheduler = options.scheduler;
    this.#childCountMax = childCountMax;
    this.#onEscalate = options.onEscalate;
    this.#onChildFault = options.onChildFault;
    this.#window = new RestartWindow(options.intensity);
    this.#crashes = new CrashLog(options.crashRecordCountMax ?? CRASH_RECORD_COUNT_MAX_DEFAULT);
    this.#task = options.scheduler.task({ name: "supervisor", priority: "high", run: () => this.#settle() });
  }

  /**
   * Adds a child, to be started by start() after those added before it. Throws, before any effect, `full` when there are
   * `childCountMax`, `invalid` for a name that is taken and for an option outside its bounds.
   */
  add(options: ChildOptions): Child {
    assert(this.#phase === "new", "supervisor: children are added before start()");
    const child = new SupervisedChild(options);
    if (this.find(child.name)) {
      throw new FirmwareError("invalid", `supervisor: a child named ${child.name} is there; expected another name`);
    }
    if (this.#children.length === this.#childCountMax) {
      throw new FirmwareError("full", "supervisor: all places are taken; expected at most childCountMax children");
    }
    this.#children.push(child);
    return child;
  }

  /** Starts the children in the order of their adding. One whose start() throws has a fault; the others start. Once only. */
  start(): void {
    assert(this.#phase === "new", "supervisor: started once");
    this.#phase = "running";
    for (const child of this.#children) {
      if (this.#phase === "running") this.#startChild(child);
    }
  }

  /** Stops the children in reverse order and restarts none from then on. A second stop does nothing. */
  stop(): void {
    if (this.#phase === "stopped") return;
    this.#phase = "stopped";
    this.#task.close();
    for (let index = this.#children.length - 1; index >= 0; index--) {
      const child = this.#children[index]!;
      this.#stopChild(child);
      child.status = "stopped";
    }
  }

  /**
   * A fault of `child`, for whatever reason: an error in a driver's callback, a late watchdog channel. It is noted here and
   * acted on soon after; nothing happens where the child does not run. Throws `missing` for a name that no child has.
   */
  fault(child: Child | string, error: unknown): void {
    const name = typeof child === "string" ? child : child.name;
    const found = this.#find(name);
    if (found === undefined) throw new FirmwareError("missing", `supervisor: no child is named ${name}`);
    if (found.status !== "running") return;
    this.#noteCrash(found, error);
    // The first fault is the cause, those on top of it its debris; only an exit has to give way.
    if (found.ending === "fault") return;
    found.ending = "fault";
    found.error = error;
    this.#task.post();
  }

  /** For `onFault` of the scheduler: `true` where the task is a child's, whose fault it was; else nothing has been done. */
  onTaskFault(task: Task, error: unknown): boolean {
    const child = this.childOf(task);
    if (child === undefined) return false;
    this.fault(child, error);
    return true;
  }

  /** The child in whose scope `task` was made. */
  childOf(task: Task): Child | undefined {
    return this.#children.find((child) => child.scope?.has(task));
  }

  find(name: string): Child | undefined {
    return this.#find(name);
  }

  /** In the order of their adding. */
  get children(): readonly Child[] {
    return this.#children;
  }

  /** The last crashes, oldest first. */
  get crashRecords(): readonly CrashRecord[] {
    return this.#crashes.list();
  }

  /** The supervisor's task: acts on each child that has ended, then on each restart that is due. */
  #settle(): void {
    try {
      for (const child of this.#children) {
        if (child.ending !== undefined && this.#isActive) this.#end(child);
        if (child.status === "waiting" && child.restartDueMs <= this.#clock.now() && this.#phase === "running") {
          child.restartCount++;
          this.#startChild(child);
        }
      }
    } finally {
      this.#armNext(); // Also where a callback threw: the children behind it have their turn in the next run.
    }
  }

  get #isActive(): boolean {
    return this.#phase === "running" || this.#phase === "escalated";
  }

  #armNext(): void {
    if (!this.#isActive) return;
    let dueMs = Number.POSITIVE_INFINITY;
    for (const child of this.#children) {
      if (child.ending !== undefined) dueMs = 0;
      else if (child.status === "waiting" && this.#phase === "running") dueMs = Math.min(dueMs, child.restartDueMs);
    }
    if (dueMs < Number.POSITIVE_INFINITY) this.#task.runAfter(Math.max(0, dueMs - this.#clock.now()));
  }

  #end(child: SupervisedChild): void {
    const { ending, error } = child;
    assert(ending !== undefined, "supervisor: a child that is ended has an ending");
    child.ending = undefined;
    child.error = undefined;
    try {
      if (ending === "fault") this.#onChildFault?.(child, error);
    } finally {
      this.#stopChild(child);
      child.status = "ended";
      if (isRestartedAfter(child.restart, ending) && this.#phase === "running") this.#planRestart(child, error);
    }
  }

  #planRestart(child: SupervisedChild, cause: unknown): void {
    const nowMs = this.#clock.now();
    if (this.#window.admit(nowMs)) {
      child.status = "waiting";
      child.restartDueMs = nowMs + child.backoffMs;
      return;
    }
    this.#phase = "escalated";
    this.#onEscalate(child, cause);
  }

  #startChild(child: SupervisedChild): void {
    const { options } = child;
    const scope = new ChildScope(this.#scheduler, () => this.#exit(child));
    child.scope = scope;
    child.status = "running";
    try {
      const undo = options.start(scope);
      if (undo) scope.onStop(undo);
      if (options.stop) scope.onStop(() => options.stop?.());
    } catch (error) {
      this.fault(child, error);
      this.#stopChild(child); // Half a child must not run until the supervisor's turn.
    }
  }

  /** Undoes whatever of the child there is. It cannot fail: what is thrown on the way is noted, and the rest is undone. */
  #stopChild(child: SupervisedChild): void {
    child.scope?.close((error) => this.#noteCrash(child, error));
  }

  #exit(child: SupervisedChild): void {
    if (child.status !== "running" || child.ending !== undefined) return;
    child.ending = "exit";
    this.#task.post();
  }

  #find(name: string): SupervisedChild | undefined {
    return this.#children.find((child) => child.name === name);
  }

  #noteCrash(child: SupervisedChild, error: unknown): void {
    const { name, restartCount } = child;
    this.#crashes.add({ child: name, message: messageOf(error), uptimeMs: this.#clock.now(), restartCount });
  }
}
