/** The update client: hawkBit's Direct Device Integration API, signed updates, downloads by chunk. */
export type { ServerAddress } from "./connection.js";
export type { DDIAddress } from "./ddi-client.js";
export type { FetchProofLevel } from "./fetch-proof.js";
export { Updater } from "./updater.js";
export type { UpdateEvent, UpdaterOptions, UpdaterPhase } from "./updater-options.js";
