import { describe, expect, it } from 'vitest';
import { Signer } from './signer';

function videos(validMs = 3_600_000) {
  const asked: number[][] = [];
  return {
    asked,
    sign: (_id: string, numbers: number[]) => {
      asked.push(numbers);
      const expiresAt = new Date(Date.now() + validMs).toISOString();
      return Promise.resolve(
        numbers.map((partNumber) => ({ partNumber, url: `u${partNumber}`, sizeBytes: 1, expiresAt })),
      );
    },
  };
}

describe('signer', () => {
  it('asks once for many parts', async () => {
    const api = videos();
    const signer = new Signer(api, 'v', 120);
    const urls = await Promise.all([1, 2, 3].map((part) => signer.sign(part)));
    expect(urls).toEqual(['u1', 'u2', 'u3']);
    await signer.sign(50);
    expect(api.asked).toHaveLength(1);
    await signer.sign(51);
    expect(api.asked[1]).toEqual(Array.from({ length: 50 }, (_, index) => 51 + index));
  });

  it('asks anew for a part whose address did not work or ends soon', async () => {
    const api = videos();
    const signer = new Signer(api, 'v', 2);
    await signer.sign(1);
    await signer.sign(1);
    expect(api.asked).toEqual([[1, 2], [1]]);
    const ending = videos(1000);
    const other = new Signer(ending, 'v', 2);
    await other.sign(1);
    await other.sign(2);
    expect(ending.asked).toEqual([[1, 2], [2]]);
  });

  it('asks again after a failure', async () => {
    const api = videos();
    let failures = 1;
    const failing = {
      sign: (id: string, numbers: number[]) =>
        failures-- > 0 ? Promise.reject(new Error('offline')) : api.sign(id, numbers),
    };
    const signer = new Signer(failing, 'v', 2);
    await expect(signer.sign(1)).rejects.toThrow('offline');
    await expect(signer.sign(1)).resolves.toBe('u1');
  });
});
