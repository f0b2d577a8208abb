import { describe, expect, it } from 'vitest';
import { memoryIn } from './memory';

function storage(initial: string | null = null) {
  let text = initial;
  return { getItem: () => text, setItem: (_key: string, value: string) => void (text = value) };
}

const file = { name: 'a.mp4', size: 5, lastModified: 1 };

describe('memory', () => {
  it('finds the same file again, and no other', () => {
    const memory = memoryIn(storage(), 'anna');
    memory.remember(file, 'v1');
    expect(memory.find({ ...file })).toBe('v1');
    expect(memory.find({ ...file, size: 6 })).toBeNull();
    expect(memory.find({ ...file, lastModified: 2 })).toBeNull();
    expect(memory.entries()).toEqual([{ ...file, videoId: 'v1' }]);
  });

  it('forgets what is done', () => {
    const memory = memoryIn(storage(), 'anna');
    memory.remember(file, 'v1');
    memory.forget(file);
    expect(memory.find(file)).toBeNull();
  });

  it('keeps the newest upload of a file', () => {
    const memory = memoryIn(storage(), 'anna');
    memory.remember(file, 'v1');
    memory.remember(file, 'v2');
    expect(memory.find(file)).toBe('v2');
    expect(memory.entries()).toHaveLength(1);
  });

  it('is of one user', () => {
    const shared = new Map<string, string>();
    const all = {
      getItem: (key: string) => shared.get(key) ?? null,
      setItem: (key: string, value: string) => void shared.set(key, value),
    };
    memoryIn(all, 'anna').remember(file, 'v1');
    expect(memoryIn(all, 'berta').entries()).toEqual([]);
    expect(memoryIn(all, 'anna').find(file)).toBe('v1');
  });

  it('starts anew where the storage holds nonsense or refuses', () => {
    expect(memoryIn(storage('{'), 'anna').find(file)).toBeNull();
    const full = {
      getItem: () => null,
      setItem: () => {
        throw new Error('full');
      },
    };
    expect(() => memoryIn(full, 'anna').remember(file, 'v1')).not.toThrow();
  });
});
