/**
 * Statecharts with SCXML's semantics: definitions compiled once to tables in flash, machines that allocate nothing per event.
 */
export type { Chart } from "./chart.js";
export { defineChart } from "./define-chart.js";
export type {
  ActingMachine,
  ChartDefinition,
  Sendable,
  StateDefinition,
  StateReference,
  TransitionDefinition,
} from "./definition.js";
export type { Delays, DelayTask } from "./delays.js";
export { Machine } from "./machine.js";
export type { MachineOptions } from "./machine-options.js";
