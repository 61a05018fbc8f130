/**
 * hawkBit's documents as its server sends them, for the specs that read them.
 *
 * Written by hand in the shapes that hawkBit publishes: the JSON examples of DdiControllerBase, DdiDeploymentBase,
 * DdiConfirmationBaseAction and DdiCancel in hawkbit-ddi-api (org.eclipse.hawkbit.ddi.json.model, eclipse-hawkbit/hawkbit at
 * 67ca1c4), its DDI reference (docs/rest-api/ddi.html) and what DataConversionHelper puts into links. Values are ours.
 */
import type { ServerAddress } from "../../../src/updater/connection.js";

export const HOST = "updates.example.com";
/** As hawkBit's own example runs: HTTP on 8080. */
export const PLAIN: ServerAddress = { host: HOST, port: 8080 };
export const SECURE: ServerAddress = { host: HOST, port: 443, tls: { roots: [] } };

const BASE = "/DEFAULT/controller/v1/lamp-7";
const PLAIN_BASE = `http://${HOST}:8080${BASE}`;
const HASHES = {
  sha1: "2fd4e1c67a2d28fced849ee1bb76e7391b93eb12",
  md5: "9e107d9d372bb6826bd81d3542a419d6",
  sha256: "d7a8fbb307d7809469ca9abcb0082e4f8d5651e46d3cdb762d02d0bf37c9e592",
};

/** An artifact with hawkBit's four links, TLS and not, absolute. */
function artifact(module: number, filename: string, size: number): object {
  const path = `${HOST}/DEFAULT/controller/v1/lamp-7/softwaremodules/${module}/artifacts/${filename}`;
  const plain = path.replace(HOST, `${HOST}:8080`);
  return {
    filename,
    hashes: HASHES,
    size,
    _links: {
      download: { href: `https://${path}` },
      "download-http": { href: `http://${plain}` },
      "md5sum-http": { href: `http://${plain}.MD5SUM` },
      md5sum: { href: `https://${path}.MD5SUM` },
    },
  };
}

const CHUNKS = [
  {
    part: "os",
    version: "2.0.0",
    name: "lamp firmware",
    artifacts: [artifact(23, "lamp-2.0.0.bin", 301_280), artifact(23, "lamp-2.0.0.cose", 1472)],
    metadata: [{ key: "channel", value: "stable" }],
  },
  { part: "bApp", version: "7", name: "lamp pages", encrypted: true, artifacts: [artifact(24, "pages.tgz", 0)] },
] as const;

/** DdiControllerBase with a deployment that waits. */
export const POLL = {
  config: { polling: { sleep: "12:00:00" } },
  _links: {
    deploymentBase: { href: `${PLAIN_BASE}/deploymentBase/5?c=-2127183556` },
    installedBase: { href: `${PLAIN_BASE}/installedBase/4` },
    configData: { href: `${PLAIN_BASE}/configData` },
  },
};

/** DdiControllerBase with an action to stop. hawkBit links one of the three actions at a time. */
export const POLL_CANCEL = {
  config: { polling: { sleep: "00:05:00" } },
  _links: { cancelAction: { href: `${PLAIN_BASE}/cancelAction/11` } },
};

/** DdiControllerBase with an action that waits for the device's consent. */
export const POLL_CONFIRMATION = {
  config: { polling: { sleep: "00:05:00" } },
  _links: { confirmationBase: { href: `${PLAIN_BASE}/confirmationBase/6?c=-1173996783` } },
};

/** DdiDeploymentBase. */
export const DEPLOYMENT = {
  id: "8",
  deployment: { download: "forced", update: "attempt", maintenanceWindow: "available", chunks: CHUNKS },
  actionHistory: { status: "RUNNING", messages: ["Reboot", "Download done", "Assignment initiated by user 'admin'"] },
};

/** DdiConfirmationBaseAction. */
export const CONFIRMATION = {
  id: "6",
  confirmation: { download: "forced", update: "forced", chunks: CHUNKS },
  actionHistory: { status: "WAIT_FOR_CONFIRMATION", messages: ["Assignment initiated by user 'admin'"] },
};

/** DdiCancel. */
export const CANCEL = { id: "11", cancelAction: { stopId: "11" } };
