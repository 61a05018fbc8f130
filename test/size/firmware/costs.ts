/** The measuring firmware: measures every part on XS, tells a line for each figure, then "end". */
import type { Host } from "holdfast";
import type { XSHost } from "../../../hosts/xs/boot.js";
import { measureHost } from "./host-costs.js";
import { measureImage } from "./image-costs.js";
import { measureJudgement } from "./judge-costs.js";
import { Ruler } from "./ruler.js";
import { measureScheduler } from "./scheduler-costs.js";
import { measureStatechart } from "./statechart-costs.js";
import { measureSupervisor } from "./supervisor-costs.js";
import { measureWatchdog } from "./watchdog-costs.js";

const CONTROL_COUNT = 100;
/** More than any section below allocates. */
const ROOM_OBJECT_COUNT = 10_000;
const ROOM_CHUNK_BYTES = 256 * 1024;

/** Has the heap grow once, here: a collection within a section would hide what it allocates. */
function makeRoom(ruler: Ruler): void {
  const room: unknown[] = [new ArrayBuffer(ROOM_CHUNK_BYTES)];
  for (let index = 0; index < ROOM_OBJECT_COUNT; index++) room.push({});
  ruler.kept = room;
  ruler.kept = undefined;
}

/** An allocation of known size, so that a ruler that sees none is found out. */
function measureControl(ruler: Ruler): void {
  ruler.perOperation("control: an object of one field", CONTROL_COUNT, (index) => {
    ruler.kept = { field: index };
  });
}

export default function main(host: Host): void {
  const ruler = new Ruler(host as XSHost);
  makeRoom(ruler);
  measureControl(ruler);
  measureWatchdog(ruler, host as XSHost); // First: the bootloader's watchdog runs, and this takes it over.
  measureScheduler(ruler);
  measureStatechart(ruler);
  measureSupervisor(ruler);
  measureImage(ruler, host as XSHost);
  measureJudgement(ruler, host as XSHost);
  measureHost(ruler, host as XSHost);
  host.trace("end");
}
