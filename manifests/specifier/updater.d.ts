export * from "../../dist/src/updater/index.js";
