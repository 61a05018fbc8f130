/** Reads a whole response by the ESP32's parser, cut into segments as the spec says: what the specs of the parser look at. */
import type { ResponseBody } from "../../../hosts/esp32/http/response-body.js";
import { type ResponseHead, ResponseParser } from "../../../hosts/esp32/http/response-parser.js";
import { bytesOf, textOf } from "../../ports/http-client-conversation.js";

export interface ReadResult {
  /** `undefined` where it did not come to its end. */
  readonly head: Omit<ResponseHead, "body"> | undefined;
  /** As ASCII. */
  readonly body: string;
  readonly isComplete: boolean;
  readonly endsWithConnection: boolean;
  /** Bytes behind the response. */
  readonly restBytes: number;
}

export interface ReadOptions {
  /** Default "GET". */
  readonly method?: string;
  readonly headersMask?: readonly string[];
  /** How long the next segment is. */
  readonly cut: () => number;
}

export function readResponse(bytes: Uint8Array, { method = "GET", headersMask, cut }: ReadOptions): ReadResult {
  const parser = new ResponseParser({ method, headersMask });
  let body: ResponseBody | undefined;
  let text = "";
  let index = 0;
  let end = 0;
  while (body?.isComplete !== true && (index < end || end < bytes.length)) {
    if (index === end) end = Math.min(end + cut(), bytes.length);
    if (body === undefined) {
      index = parser.push(bytes, index, end);
      body = parser.head?.body;
    } else if (body.runBytes === 0) {
      index = body.push(bytes, index, end);
    } else {
      const count = Math.min(body.runBytes, end - index);
      text += textOf(bytes.slice(index, index + count).buffer as ArrayBuffer);
      body.take(count);
      index += count;
    }
  }
  const { head } = parser;
  return {
    head: head && { status: head.status, statusText: head.statusText, headers: head.headers },
    body: text,
    isComplete: body?.isComplete === true,
    endsWithConnection: body?.endsWithConnection === true,
    restBytes: bytes.length - index,
  };
}

/** In one segment. */
export function readText(text: string, options: Omit<ReadOptions, "cut"> = {}): ReadResult {
  const bytes = bytesOf(text);
  return readResponse(bytes, { ...options, cut: () => bytes.length });
}
