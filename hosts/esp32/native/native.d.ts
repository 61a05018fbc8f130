/** Moddable's word for a function in C, as far as chip.ts uses it; xsc compiles the whole call away. */

interface NativeFunction {
  call(self: unknown, ...parameters: readonly unknown[]): unknown;
}

/** `name` is a literal, and the call of the result is all that its function does. */
declare function native(name: string): NativeFunction;
