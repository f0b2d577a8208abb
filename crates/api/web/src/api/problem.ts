import type { components } from './schema';

export type Problem = components['schemas']['Problem'];

/** What went wrong with a call, in words for a person. */
export class ApiError extends Error {
  constructor(
    message: string,
    /** HTTP status; 0 where there was no answer. */
    readonly status: number,
    /** Stable kind, such as `/problems/not-found`; empty where the API said nothing. */
    readonly type = '',
  ) {
    super(message);
    this.name = 'ApiError';
  }
}

export const SESSION_ENDED = 'Your session has ended. Sign in again.';

export const NO_CONNECTION = 'The service could not be reached. Check your connection and try again.';

/** Reads a refusal; whatever answered instead of the API gets words of ours. */
export function problemFrom(status: number, body: unknown): ApiError {
  if (isProblem(body)) {
    return new ApiError(body.detail || body.title, status, body.type);
  }
  // A token is refused by the gateway, in words of its own.
  if (status === 401) return new ApiError(SESSION_ENDED, status);
  const busy = status === 429 || status === 503;
  const sentence = busy
    ? 'The service is busy. Try again in a moment.'
    : 'Something went wrong on our side. Try again in a moment.';
  return new ApiError(sentence, status);
}

/** The sentence to show for any failure. */
export function sentence(error: unknown): string {
  return error instanceof ApiError
    ? error.message
    : 'Something went wrong in this page. Reload it and try again.';
}

function isProblem(body: unknown): body is Problem {
  return typeof body === 'object' && body !== null && 'detail' in body && 'type' in body;
}
