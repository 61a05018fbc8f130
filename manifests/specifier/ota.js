export * from "holdfast/dist/src/ota/index.js";
