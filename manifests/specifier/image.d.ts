export * from "../../dist/src/image/index.js";
