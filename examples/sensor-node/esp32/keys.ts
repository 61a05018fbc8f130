/**
 * Whose updates a board takes that is built by the manifest: nobody's, until a product's own public keys stand here.
 *
 * Each is the 128 hexadecimal digits of its point. `holdfast build` takes them from the files that holdfast.json names.
 */
export const RELEASE_KEYS = Object.freeze([]);
export const DEPLOY_KEYS = Object.freeze([]);
