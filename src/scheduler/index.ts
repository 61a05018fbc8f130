/** Cooperative scheduling: named tasks with priorities, periods without drift and a policy for overruns. */
export { type ChromeTraceOptions, chromeTrace, writeChromeTrace } from "./chrome-trace.js";
export type { Fault } from "./dispatcher.js";
export { bucketOf, bucketStartMs, HISTOGRAM_BUCKET_COUNT, HISTOGRAM_LENGTH } from "./histogram.js";
export { Scheduler, type SchedulerOptions } from "./scheduler.js";
export type { AbortSignalLike, Overrun, Priority, Task, TaskOptions } from "./task.js";
export type { SchedulerTrace, TimingKind, TraceKind } from "./trace.js";
export { TraceRing, type TraceRingOptions } from "./trace-ring.js";
