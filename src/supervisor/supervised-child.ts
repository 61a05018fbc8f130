/**
 * The supervisor's side of a child: what it was told of it, and where the child stands.
 *
 * Plain fields, because the supervisor alone writes them and whoever holds a child sees only the interface.
 * See docs/design/supervisor.md.
 */
import { FirmwareError } from "../errors.js";
import type { Child, ChildOptions, ChildStatus, EndKind, RestartType } from "./child.js";
import type { ChildScope } from "./child-scope.js";

export class SupervisedChild implements Child {
  readonly name: string;
  readonly restart: RestartType;
  readonly backoffMs: number;
  readonly options: ChildOptions;
  status: ChildStatus = "idle";
  restartCount = 0;
  /** Of its last start. */
  scope: ChildScope | undefined;
  /** How it has ended, until the supervisor acts on it. */
  ending: EndKind | undefined;
  /** Of the fault in `ending`. */
  error: unknown;
  /** Clock time, while it waits. */
  restartDueMs = 0;

  /** Throws `invalid` for an option outside its bounds. */
  constructor(options: ChildOptions) {
    const { name, restart, backoffMs = 0 } = options;
    if (typeof name !== "string" || name === "") {
      throw new FirmwareError("invalid", "supervisor: a child has no name; expected a string that is not empty");
    }
    if (restart !== "permanent" && restart !== "transient" && restart !== "temporary") {
      throw new FirmwareError("invalid", `supervisor: ${name} is neither permanent, transient nor temporary`);
    }
    if (!(backoffMs >= 0 && backoffMs < Number.POSITIVE_INFINITY)) {
      throw new FirmwareError("invalid", `supervisor: the back-off of ${name} is not a finite number of ms of at least 0`);
    }
    this.name = name;
    this.restart = restart;
    this.backoffMs = backoffMs;
    this.options = options;
  }
}
