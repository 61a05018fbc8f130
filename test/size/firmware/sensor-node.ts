/** The sensor node's first release as it is, and one task beside it that tells the heap before its start and when it idles. */
import type { Host } from "holdfast";
import startRelease from "../../../examples/sensor-node/releases/1.0.0.js";
import type { XSHost } from "../../../hosts/xs/boot.js";
import { Ruler } from "./ruler.js";

/** Several samples, and the first poll of the update server, which is not there. */
const IDLE_AFTER_MS = 5500;

export default function main(host: Host): void {
  const ruler = new Ruler(host as XSHost);
  const timer = new host.Timer({
    onExpire: () => {
      ruler.total("sensor node, idle");
      host.trace("end");
    },
  });
  timer.arm(IDLE_AFTER_MS);
  ruler.total("sensor node, before its start");
  startRelease(host);
}
