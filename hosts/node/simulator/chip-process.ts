/**
 * The program of the chip's own process: opens the flash file that its argument names, powers on, and tells its parent.
 *
 * It exists so that SIGKILL can be a power cut for the whole device: the process that owns the flash file dies between or
 * inside two flash steps, and the processor's process dies with it. Started by device-process.ts only.
 */
import { writeSync } from "node:fs";
import { messageOf } from "../../../src/errors.js";
import type { ResetReason } from "../../../src/ports/system.js";
import { type ProcessorProgram, SimulatedChip } from "./simulated-chip.js";

/** The one argument of the program, as JSON. */
export interface ChipProcessArguments {
  readonly file: string;
  readonly flashSizeBytes: number;
  readonly rollback: boolean;
  readonly validation: "always" | "skipped";
  readonly processor?: ProcessorProgram;
  /** The power is cut after this flash step since power-on (1 …). */
  readonly cutAtStep?: number;
}

/** What the parent may ask. */
export type ChipCommand = { readonly kind: "pullReset"; readonly reason: ResetReason } | { readonly kind: "stop" };

function main(): void {
  const options = JSON.parse(process.argv[2] ?? "{}") as ChipProcessArguments;
  let stepCount = 0;
  const cutAtStep = options.cutAtStep;
  const chip = new SimulatedChip({
    file: options.file,
    flashSizeBytes: options.flashSizeBytes,
    rollback: options.rollback,
    validation: options.validation,
    ...(options.processor ? { processor: options.processor } : {}),
    onEvent: (event) => process.send?.(event),
    onStep: (step) => {
      stepCount++;
      if (stepCount !== cutAtStep) return;
      // Written at once and by hand: after the next line nothing of this process runs.
      writeSync(1, JSON.stringify({ kind: step.kind, offset: step.offset, isInside: step.isInside }));
      process.kill(process.pid, "SIGKILL");
    },
  });
  process.on("disconnect", () => {
    chip.stop();
    process.exit(0);
  });
  process.on("message", (command: ChipCommand) => {
    if (command.kind === "stop") {
      chip.stop();
      // Not before it is sent, and with it all events that still wait for the pipe.
      process.send?.({ kind: "stopped", stepCount: chip.stepCount }, undefined, undefined, () => process.exit(0));
    } else {
      chip.pullReset(command.reason);
    }
  });
  chip.start();
}

try {
  main();
} catch (error) {
  process.send?.({ kind: "refused", because: messageOf(error) });
  process.exitCode = 1;
  process.disconnect?.();
}
