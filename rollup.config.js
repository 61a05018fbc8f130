/**
 * The bundles of the build that are no firmware: the framework as one file, and the XS host's adapters as one file.
 *
 * Firmware is bundled by the command (`holdfast build`, cli/build/bundle.ts), which makes the two bundles of an image. Nothing is
 * lowered here either: the oldest engine that we run on has ES2022.
 */
const bundle = (input, file) => ({ input, output: { file, format: "es" }, treeshake: { moduleSideEffects: false } });

export default [
  bundle("dist/src/index.js", "dist/bundles/holdfast.js"),
  bundle("dist/hosts/xs/boot.js", "dist/bundles/xs-host.js"),
];
