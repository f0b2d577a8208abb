import type { components } from '../api/schema';

type Thumbnails = components['schemas']['Thumbnails'];

/** A still of the seek bar. */
export interface Still {
  url: string;
  /** Seconds. */
  startTime: number;
  /** Seconds. */
  endTime: number;
  width: number;
  height: number;
}

/** The stills of a video: their addresses differ by the seven-digit number before the extension. */
export function stills({ firstUrl, count, intervalSeconds, width, height }: Thumbnails): Still[] {
  const number = /(\d{7})(?=\.[a-z]+$)/;
  const first = Number(number.exec(firstUrl)?.[1] ?? Number.NaN);
  if (Number.isNaN(first)) return [];
  return Array.from({ length: count }, (_, index) => ({
    url: firstUrl.replace(number, String(first + index).padStart(7, '0')),
    startTime: index * intervalSeconds,
    endTime: (index + 1) * intervalSeconds,
    width,
    height,
  }));
}
