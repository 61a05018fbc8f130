/** The first release: a sample every second. */
import type { Host } from "holdfast";
import { startSensorNode } from "../main.js";

export default function main(host: Host): void {
  startSensorNode(host, { version: "1.0.0", samplePeriodMs: 1000, decimalCount: 1 });
}
