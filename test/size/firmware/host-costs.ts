/** What the XS host adds to the framework's own costs at each wake-up: its clock and its timer. */
import type { XSHost } from "../../../hosts/xs/boot.js";
import type { Ruler } from "./ruler.js";

const COUNT = 200;

/** Measures all of them. */
export function measureHost(ruler: Ruler, host: XSHost): void {
  ruler.perOperation("reading of the host's clock", COUNT, () => {
    host.clock.now();
  });
  const timer = new host.Timer({ onExpire: () => {} });
  ruler.perOperation("arming of the host's timer", COUNT, () => timer.arm(60_000));
  timer.close();
}
