export * from "holdfast/dist/src/index.js";
