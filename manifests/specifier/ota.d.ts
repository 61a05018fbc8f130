export * from "../../dist/src/ota/index.js";
