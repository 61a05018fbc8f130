export * from "holdfast/dist/src/updater/index.js";
