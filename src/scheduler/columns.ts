/**
 * The numbers of all tasks in one array of doubles: a row a task, a column a number.
 *
 * A property of an object takes 16 bytes on a device, a double in an array 8, and what is used once a run can be there. What
 * the heaps compare all the time stays in the task itself, because on XS a property is read twice as fast. One array and not
 * one a column: each array costs a hundred bytes by itself. See docs/design/scheduler.md.
 */

/** Rank, overrun policy and more, as bits: see below. First come those that every run reads. */
export const MODE = 0;
/** 0 for a one-shot. */
export const PERIOD_MS = 1;
export const ORIGIN_MS = 2;
/** n of the grid point ORIGIN_MS + n × PERIOD_MS that the next run on the grid is for. */
export const GRID_INDEX = 3;
export const RUN_COUNT = 4;
export const DUE_COUNT = 5;
export const LATENESS_MAX_MS = 6;
export const MISSED_COUNT = 7;
/** Of the arming, counted up: it decides between equals. */
export const ORDER = 8;
/** The three limits: 0 stands for none. */
export const DEADLINE_MS = 9;
export const BUDGET_MS = 10;
export const SLACK_MS = 11;
export const DEADLINE_MISS_COUNT = 12;
export const BUDGET_OVERRUN_COUNT = 13;

export const COLUMN_COUNT = 14;

/** Of MODE: an index into PRIORITIES. */
export const RANK_MASK = 3;
/** An index into OVERRUNS, so many bits up. */
export const OVERRUN_SHIFT = 2;
export const OVERRUN_MASK = 3;
/** It is in the heap of its priority. */
export const PENDING_BIT = 16;
/** It has a deadline, a budget or a histogram: its runs are timed. */
export const TIMED_BIT = 32;
/** Its present wait was reported as starvation. */
export const STARVED_BIT = 64;
