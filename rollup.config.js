/**
 * The framework as one file, for who wants a single module instead of many: `npm run bundle` writes dist/holdfast.js.
 *
 * Firmware is bundled by the command (`holdfast build`, cli/build/bundle.ts), which makes the two bundles of an image. Nothing is
 * lowered here either: the oldest engine that we run on has ES2022.
 */
export default {
  input: "dist/src/index.js",
  output: { file: "dist/holdfast.js", format: "es" },
  treeshake: { moduleSideEffects: false },
};
