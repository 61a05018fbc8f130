/**
 * The public keys of whoever may sign this firmware's updates. None by default: then no update is taken.
 *
 * A module of its own, so that a build can put the product's keys in its place: they are part of the application, not of the
 * framework. `holdfast build` does so from the key files that holdfast.json names; a Moddable manifest by an entry
 * "holdfast/keys" of its own. See docs/design/ota.md.
 */

/** x and y of each key, 128 hexadecimal digits. More than one only while keys are being changed. */
export const RELEASE_KEYS: readonly string[] = Object.freeze([]);

/** The same of those who deploy. */
export const DEPLOY_KEYS: readonly string[] = Object.freeze([]);
