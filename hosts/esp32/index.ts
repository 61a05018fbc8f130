/** For an application that has an entry of its own: the ESP32's ports, with the boot authority run. */
import { type BootedHost, bootHost } from "../../src/boot.js";
import { takeHost } from "./handover.js";
import { openHost as openPorts } from "./open-host.js";

export { joinWiFi, type WiFiJoin, type WiFiJoinOptions } from "./wifi.js";

/** The host that `setup/holdfast` booted; where that did not run, one that is booted now. Once a start. */
export function openHost(): BootedHost {
  return takeHost() ?? bootHost(openPorts());
}
