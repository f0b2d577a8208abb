import { NO_CONNECTION, ApiError, problemFrom } from './problem';

/** Where calls get their token from, and what becomes of a token that is refused. */
export interface Tokens {
  /** A token to send now, renewed if it is about to end; null where nobody is signed in. */
  current(): Promise<string | null>;
  /** Tries to replace a token that was refused. */
  renew(refused: string): Promise<string | null>;
}

export interface Call {
  method?: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** JSON, or a file as it is. */
  body?: unknown;
  signal?: AbortSignal;
}

/** Calls that need no sign-in. */
export async function callPublic<T>(path: string, call: Call = {}): Promise<T> {
  return understand<T>(await send(path, call, null));
}

/** Calls of whoever is signed in. */
export class Client {
  constructor(private readonly tokens: Tokens) {}

  async call<T>(path: string, call: Call = {}): Promise<T> {
    const token = await this.tokens.current();
    let answer = await send(path, call, token);
    if (answer.status === 401 && token !== null) {
      const renewed = await this.tokens.renew(token);
      if (renewed !== null) {
        answer = await send(path, call, renewed);
      }
    }
    return understand<T>(answer);
  }
}

async function send(path: string, { method = 'GET', body, signal }: Call, token: string | null) {
  const headers = new Headers({ accept: 'application/json' });
  if (token !== null) {
    headers.set('authorization', `Bearer ${token}`);
  }
  if (body !== undefined && !(body instanceof Blob)) {
    headers.set('content-type', 'application/json');
  }
  try {
    return await fetch(path, {
      method,
      headers,
      body: body === undefined || body instanceof Blob ? body : JSON.stringify(body),
      signal,
    });
  } catch (error) {
    if (signal?.aborted) {
      throw error;
    }
    throw new ApiError(NO_CONNECTION, 0);
  }
}

async function understand<T>(answer: Response): Promise<T> {
  if (answer.status === 204) {
    return undefined as T;
  }
  const body: unknown = await answer.json().catch(() => null);
  if (!answer.ok || body === null) {
    throw problemFrom(answer.ok ? 502 : answer.status, body);
  }
  return body as T;
}
