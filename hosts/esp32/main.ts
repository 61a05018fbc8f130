/**
 * The entry of a firmware on the ESP32: joins the network that the build was configured for, and calls the application.
 *
 * The network is no condition for a start: a device whose access point is gone still does its work, and its trial is judged.
 * (Moddable's own `setup/network` waits for the address and lets go of the network afterwards; our manifest leaves it out.)
 */

import WiFi from "embedded:network/interface/wifi";
import main from "application";
import config from "mc/config";
import { openHost } from "./index.js";
import { joinWiFi } from "./wifi.js";

export default function start(): void {
  const host = openHost();
  if (host.slots.report.isRestarting) return;
  if (config.ssid) {
    joinWiFi({ WiFi, Timer: host.Timer, ssid: config.ssid, password: config.password, trace: host.trace });
  }
  main(host);
}
