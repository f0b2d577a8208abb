import { describe, expect, it } from 'vitest';
import { ApiError } from '../api/problem';
import { persistently } from './persistently';

/** A call that fails with these, one after the other, before it succeeds. */
function failing(...errors: Error[]) {
  const call = () => {
    call.times += 1;
    const error = errors.shift();
    return error ? Promise.reject(error) : Promise.resolve('done');
  };
  call.times = 0;
  return call;
}

describe('persistently', () => {
  it('goes on through what passes', async () => {
    const call = failing(new ApiError('offline', 0), new ApiError('busy', 503), new ApiError('busy', 429));
    await expect(persistently(call, [0, 0, 0])).resolves.toBe('done');
    expect(call.times).toBe(4);
  });

  it('takes a refusal for an answer', async () => {
    const call = failing(new ApiError('no', 409));
    await expect(persistently(call, [0, 0])).rejects.toThrow('no');
    expect(call.times).toBe(1);
  });

  it('gives up in the end, and when it is stopped', async () => {
    const offline = () => new ApiError('offline', 0);
    await expect(persistently(failing(offline(), offline()), [0])).rejects.toThrow('offline');
    const stopped = failing(offline());
    await expect(persistently(stopped, [0], AbortSignal.abort(new Error('stopped')))).rejects.toThrow(
      'stopped',
    );
    expect(stopped.times).toBe(1);
  });
});
