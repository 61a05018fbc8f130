/**
 * The release that should never have left the house: it reads a calibration that no device in the field has.
 *
 * The usual way in which a start fails: the developer's own board had the value. The exception ends in a restart before
 * anything is started, the bootloader goes back, and version 2.0.0 finds out why.
 */
import type { Host } from "holdfast";
import { startSensorNode } from "../main.js";

function readCalibration(host: Host): number {
  const domain = host.keyValue.open({ path: "calibration", format: "string" });
  const text = domain.read("tmp102.offsetC") as string;
  domain.close();
  return Number(text.trim()); // `text` is undefined on every device but one.
}

export default function main(host: Host): void {
  startSensorNode(host, {
    version: "3.0.0",
    samplePeriodMs: 500,
    decimalCount: 2,
    prepare: () => host.trace(`calibration ${readCalibration(host)} °C`),
  });
}
