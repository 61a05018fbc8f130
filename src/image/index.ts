/** ESP-IDF's formats as pure code: partition table, application image and descriptor, otadata. See docs/spec/. */
export * from "./app-descriptor.js";
export * from "./application-image.js";
export * from "./chip.js";
export * from "./image-builder.js";
export * from "./image-source.js";
export * from "./image-verifier.js";
export * from "./otadata.js";
export * from "./partition.js";
export * from "./partition-check.js";
export * from "./partition-csv.js";
export * from "./partition-table.js";
