// Which release is built for a board: the manifest's `application`, by the names that the manifest gives.
export { default } from "sensor-node/releases/1.0.0.js";
