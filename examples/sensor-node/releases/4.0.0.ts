/** Repairs 3.0.0 (a missing calibration is zero) and samples four times a second. */
import type { Host } from "holdfast";
import { startSensorNode } from "../main.js";

function readCalibration(host: Host): number {
  const domain = host.keyValue.open({ path: "calibration", format: "string" });
  const text = domain.read("tmp102.offsetC") as string | undefined;
  domain.close();
  return Number(text ?? "0");
}

export default function main(host: Host): void {
  startSensorNode(host, {
    version: "4.0.0",
    samplePeriodMs: 250,
    decimalCount: 2,
    prepare: () => host.trace(`calibration ${readCalibration(host)} °C`),
  });
}
