import { describe, expect, it } from 'vitest';
import { ago, bitrate, bytes, duration, money, span, timeLeft } from './format';

describe('format', () => {
  it('gives sizes three digits and a unit', () => {
    expect([0, 999, 1000, 12_345, 999_499, 999_500, 5e12].map(bytes)).toEqual([
      '0 bytes',
      '999 bytes',
      '1.0 kB',
      '12.3 kB',
      '999 kB',
      '1.0 MB',
      '5.0 TB',
    ]);
  });

  it('gives bit rates in bits', () => {
    expect([128_000, 999_499, 1_000_000, 5_960_000].map(bitrate)).toEqual([
      '128 kbit/s',
      '999 kbit/s',
      '1.0 Mbit/s',
      '6.0 Mbit/s',
    ]);
  });

  it('gives small sums in fractions of a cent', () => {
    expect(money(0.0123, 'USD')).toBe('$0.0123');
    expect(money(12, 'USD')).toBe('$12.00');
  });

  it('shows durations as players do', () => {
    expect([999, 61_000, 3_723_000].map(duration)).toEqual(['0:00', '1:01', '1:02:03']);
  });

  it('says roughly how long ago something was, and never that it will be', () => {
    const now = Date.parse('2026-03-12T12:00:00Z');
    const times = [
      '2026-03-12T12:00:30Z',
      '2026-03-12T11:58:00Z',
      '2026-03-11T11:00:00Z',
      '2024-01-01T00:00:00Z',
    ];
    expect(times.map((time) => ago(time, now))).toEqual([
      'just now',
      '2 minutes ago',
      'yesterday',
      '2 years ago',
    ]);
  });

  it('gives spans of time the digits that they deserve', () => {
    expect([40, 9949, 57_000, 180_000, 7_200_000].map(span)).toEqual([
      '0.0 s',
      '9.9 s',
      '57 s',
      '3 min',
      '2.0 h',
    ]);
  });

  it('never promises a time that has no number', () => {
    expect([Number.NaN, Infinity].map(timeLeft)).toEqual(['', '']);
    expect([3, 31, 56, 119, 3569, 3599, 5400].map(timeLeft)).toEqual([
      'a few seconds left',
      '40 s left',
      '1 min left',
      '2 min left',
      '59 min left',
      '1 h left',
      '1 h 30 min left',
    ]);
  });
});
