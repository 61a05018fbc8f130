/** Samples twice a second, with two decimals. */
import type { Host } from "holdfast";
import { startSensorNode } from "../main.js";

export default function main(host: Host): void {
  startSensorNode(host, { version: "2.0.0", samplePeriodMs: 500, decimalCount: 2 });
}
