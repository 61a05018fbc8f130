/** The one call that is used of a package without types. */
declare module "cose-js" {
  const cose: {
    readonly sign: {
      /** The payload of a COSE_Sign1 whose signature is right; rejects where it is not. */
      verify(message: Buffer, options: { readonly key: { readonly x: Buffer; readonly y: Buffer } }): Promise<Buffer>;
    };
  };
  export default cose;
}
