/** A firmware that does nothing: what the machine itself has in use. */
export default function main(): void {}
