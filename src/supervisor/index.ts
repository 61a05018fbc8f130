/** Supervised children: restarts by OTP's table, within an intensity, and escalation beyond it. */
export type { Child, ChildOptions, ChildStatus, RestartType } from "./child.js";
export type { ChildScope, TaskSource } from "./child-scope.js";
export type { CrashRecord } from "./crash-log.js";
export type { Intensity } from "./restart-window.js";
export { type Strategy, Supervisor, type SupervisorOptions } from "./supervisor.js";
