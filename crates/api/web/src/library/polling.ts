import type { Status, Video } from '../api/videos';

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
  return statuses.some(isMoving) ? wait(unchangedFor) : false;
}

/** The same, for one video with all that is shown of it: captions that were added follow its end a moment later. */
export function nextLookAt({ status, playback, captions, updatedAt }: Video, now: number): number | false {
  const takesCaptions = playback?.hlsUrl !== undefined && playback.dashUrl !== undefined;
  const areComing = takesCaptions && captions.some(({ playing }) => !playing);
  return isMoving(status) || areComing ? wait(now - Date.parse(updatedAt)) : false;
}

function wait(unchangedFor: number): number {
  return Math.min(LONGEST, Math.max(FIRST, unchangedFor / 4));
}
