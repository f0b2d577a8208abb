import { describe, expect, it } from 'vitest';
import { nextLook } from './polling';

describe('polling', () => {
  it('ends with the last video', () => {
    expect(nextLook([], 0)).toBe(false);
    expect(nextLook(['READY', 'FAILED', 'CANCELED'], 0)).toBe(false);
  });

  it('is quick while something happens, and slow when nothing does', () => {
    expect(nextLook(['READY', 'PROCESSING'], 0)).toBe(1000);
    expect(nextLook(['UPLOADING'], 20_000)).toBe(5000);
    expect(nextLook(['SUBMITTED'], 3_600_000)).toBe(15_000);
  });
});
