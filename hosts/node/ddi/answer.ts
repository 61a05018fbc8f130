/** What is sent to a client that is not refused: a document, bytes of an artifact, a line of text, or nothing. */

/** Names of header fields in lower case. */
export type Headers = Readonly<Record<string, string>>;

export type Answer =
  /** A JSON document; it gets an entity tag, and is not sent to a client that has it. */
  | { readonly kind: "document"; readonly document: object }
  /** Bytes of an artifact, sent at the rate that was given. `undefined`: the header alone. */
  | { readonly kind: "artifact"; readonly status: number; readonly headers: Headers; readonly bytes: Uint8Array | undefined }
  | { readonly kind: "text"; readonly headers: Headers; readonly text: string }
  /** 200, and nothing to say. */
  | { readonly kind: "done" };
