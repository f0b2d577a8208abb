import type { Status } from '../api/videos';

/** States that change by themselves. */
const MOVING: readonly Status[] = ['UPLOADING', 'SUBMITTED', 'PROCESSING'];

export function isMoving(status: Status): boolean {
  return MOVING.includes(status);
}

/** Waits between two looks, milliseconds. */
const FIRST = 1_000;
const LONGEST = 15_000;

/**
 * How long to wait before the next look at videos that change by themselves: a second while something happens, then
 * longer and longer. Never, where everything has come to its end.
 *
 * @param statuses of the videos that are shown
 * @param unchangedFor milliseconds since anything changed
 */
export function nextLook(statuses: readonly Status[], unchangedFor: number): number | false {
  if (!statuses.some(isMoving)) return false;
  return Math.min(LONGEST, Math.max(FIRST, unchangedFor / 4));
}
