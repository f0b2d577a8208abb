import { describe, expect, it } from 'vitest';
import { Speed } from './speed';

describe('speed', () => {
  it('is unknown at first', () => {
    const speed = new Speed();
    expect(speed.perSecond(0)).toBe(0);
    speed.add(0, 0);
    expect(speed.secondsLeft(100, 100)).toBe(Infinity);
  });

  it('is that of the last seconds', () => {
    const speed = new Speed();
    for (let second = 0; second <= 10; second += 1) speed.add(second * 1000, second * 1000);
    for (let second = 11; second <= 30; second += 1) speed.add(10_000 + (second - 10) * 100, second * 1000);
    expect(speed.perSecond(30_000)).toBeCloseTo(100, 0);
    expect(speed.secondsLeft(13_000, 30_000)).toBeCloseTo(10, 0);
  });

  it('falls while nothing is sent', () => {
    const speed = new Speed();
    speed.add(0, 0);
    speed.add(1000, 1000);
    expect(speed.perSecond(5000)).toBeLessThan(speed.perSecond(1000));
  });

  it('starts anew when bytes are taken back', () => {
    const speed = new Speed();
    speed.add(0, 0);
    speed.add(5000, 1000);
    speed.add(1000, 2000);
    expect(speed.perSecond(2100)).toBe(0);
  });
});
