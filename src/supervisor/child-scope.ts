/**
 * What a child may do while it runs, and the list of what has to be undone when it stops.
 *
 * A child that made its tasks from the bare scheduler would leave them behind at a restart: their names would be taken and
 * their timers still running. Tasks made here are known to be the child's and are closed with it, so that the same start()
 * can run again. Each start gets a scope of its own; the old one is closed for good. See docs/design/supervisor.md.
 */
import { FirmwareError } from "../errors.js";
import type { Scheduler } from "../scheduler/scheduler.js";
import type { Task } from "../scheduler/task.js";

/** The part of a scheduler that makes tasks. A module that asks for no more than this can be handed a scope. */
export type TaskSource = Pick<Scheduler, "task" | "every" | "after">;

export class ChildScope implements TaskSource {
  readonly #source: TaskSource;
  readonly #onExit: () => void;
  readonly #tasks: Task[] = [];
  readonly #undos: (() => void)[] = [];
  #isOpen = true;

  /** Made by the supervisor, one for each start. */
  constructor(source: TaskSource, onExit: () => void) {
    this.#source = source;
    this.#onExit = onExit;
  }

  get isOpen(): boolean {
    return this.#isOpen;
  }

  /** As `Scheduler.task`. Throws `closed` once the child has stopped. */
  task(options: Parameters<TaskSource["task"]>[0]): Task {
    this.#assertOpen();
    return this.#keep(this.#source.task(options));
  }

  /** As `Scheduler.every`. Throws `closed` once the child has stopped. */
  every(options: Parameters<TaskSource["every"]>[0]): Task {
    this.#assertOpen();
    return this.#keep(this.#source.every(options));
  }

  /** As `Scheduler.after`. Throws `closed` once the child has stopped. */
  after(options: Parameters<TaskSource["after"]>[0]): Task {
    this.#assertOpen();
    return this.#keep(this.#source.after(options));
  }

  /**
   * `undo` runs when the child stops, the last one first, before its tasks are closed; also where start() throws halfway, so
   * register it beside what it undoes. Runs at once where the child has stopped already: nothing may be left behind.
   */
  onStop(undo: () => void): void {
    if (this.#isOpen) this.#undos.push(undo);
    else undo();
  }

  /** The child is done, as planned. The rest of this run goes on; then the child is stopped. Does nothing once it has. */
  exit(): void {
    if (this.#isOpen) this.#onExit();
  }

  /** Whether `task` was made here and not given up since. */
  has(task: Task): boolean {
    return this.#tasks.includes(task);
  }

  /** Undoes and closes everything; `onError` gets what an undo throws, and the rest is undone all the same. */
  close(onError: (error: unknown) => void): void {
    this.#isOpen = false;
    for (let undo = this.#undos.pop(); undo !== undefined; undo = this.#undos.pop()) {
      try {
        undo();
      } catch (error) {
        onError(error);
      }
    }
    for (let task = this.#tasks.pop(); task !== undefined; task = this.#tasks.pop()) task.close();
  }

  /**
   * A name is unique among open tasks: one of the same name was closed by the child, and gives way, so that the list is
   * short.
   */
  #keep(task: Task): Task {
    const index = this.#tasks.findIndex((other) => other.name === task.name);
    if (index < 0) this.#tasks.push(task);
    else this.#tasks[index] = task;
    return task;
  }

  #assertOpen(): void {
    if (!this.#isOpen) throw new FirmwareError("closed", "supervisor: the child has stopped; expected one that runs");
  }
}
