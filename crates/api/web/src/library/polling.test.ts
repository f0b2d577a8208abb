import { describe, expect, it } from 'vitest';
import type { Video } from '../api/videos';
import { nextLook, nextLookAt } from './polling';

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

  it('waits for captions that follow the end of a video', () => {
    const updatedAt = '2026-01-01T00:00:00.000Z';
    const look = (playing: boolean, more: Partial<Video['playback']> = {}) =>
      nextLookAt(
        {
          status: 'READY',
          updatedAt,
          captions: [{ language: 'en', label: 'English', playing }],
          playback: { revision: 'r', renditions: [], hlsUrl: 'a', dashUrl: 'b', ...more },
        } as unknown as Video,
        Date.parse(updatedAt),
      );
    expect(look(true)).toBe(false);
    expect(look(false)).toBe(1000);
    expect(look(false, { dashUrl: undefined })).toBe(false);
  });
});
