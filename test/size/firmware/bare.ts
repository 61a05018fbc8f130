/** A firmware that does nothing: what the host's adapters and the ruler alone have in use. */
import type { Host } from "holdfast";
import type { XSHost } from "../../../hosts/xs/boot.js";
import { Ruler } from "./ruler.js";

export default function main(host: Host): void {
  new Ruler(host as XSHost).total("bare host");
  host.trace("end");
}
