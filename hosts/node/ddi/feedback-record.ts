/** One report of a controller as the server keeps it. */
export interface FeedbackRecord {
  readonly controllerId: string;
  readonly actionId: string;
  readonly kind: "deployment" | "cancel" | "confirmation";
  /** Of a confirmation: `confirmed` or `denied`. */
  readonly execution: string;
  /** Of a confirmation: `none`. */
  readonly finished: string;
  readonly details: readonly string[];
  readonly code: number | undefined;
  readonly progress: { readonly cnt: number; readonly of: number } | undefined;
}
