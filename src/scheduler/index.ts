/** Cooperative scheduling: named tasks with priorities, periods without drift and a policy for overruns. */
export type { Fault } from "./dispatcher.js";
export { Scheduler, type SchedulerOptions } from "./scheduler.js";
export type { Overrun, Priority, Task, TaskOptions } from "./task.js";
