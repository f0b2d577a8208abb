import { ApiError } from '../api/problem';

/** Repeats a call that may be repeated, until it is answered or `delays` (milliseconds) are used up. */
export async function persistently<T>(
  call: () => Promise<T>,
  delays: readonly number[],
  signal?: AbortSignal,
): Promise<T> {
  for (const delay of delays) {
    try {
      return await call();
    } catch (error) {
      if (!isPassing(error)) throw error;
    }
    await new Promise((resolve) => setTimeout(resolve, delay));
    signal?.throwIfAborted();
  }
  return call();
}

/** Whether it may go well next time: there was no connection, or the service was busy or broken. */
function isPassing(error: unknown): boolean {
  return error instanceof ApiError && (error.status === 0 || error.status === 429 || error.status >= 500);
}
