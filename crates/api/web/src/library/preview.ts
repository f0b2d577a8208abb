import { useEffect, useState } from 'react';
import type { Playback } from '../api/videos';

type Stills = NonNullable<Playback['thumbnails']>;

/** Most stills of a preview: spread over the whole video, they tell it from others, and are a hundred kilobytes. */
const MOST = 10;
/** How long each is seen, milliseconds. */
const SHOWN_MS = 700;

/** Addresses of the stills that a preview shows, in their order. */
export function previewUrls({ firstUrl, count }: Stills): string[] {
  const shown = Math.min(count, MOST);
  // Of one still nothing moves, and one of a name without a number has no others.
  if (shown < 2 || !/\.0000000\.jpg$/.test(firstUrl)) return [];
  return Array.from({ length: shown }, (_, place) => {
    const number = Math.floor((place * count) / shown);
    return firstUrl.replace(/0000000(?=\.jpg$)/, String(number).padStart(7, '0'));
  });
}

/**
 * While `isOn`, the address of one still after the other; otherwise, and until the first one is there, null. A still is
 * shown once it is loaded, and one that isn't there is passed over: a source may end before it seemed to.
 */
export function usePreview(stills: Stills | undefined, isOn: boolean): string | null {
  const [shown, setShown] = useState<string | null>(null);
  useEffect(() => {
    if (!stills || !isOn || matchMedia('(prefers-reduced-motion: reduce)').matches) return;
    const urls = previewUrls(stills);
    let place = 0;
    let timer = 0;
    let isOver = false;
    const next = () => {
      const url = urls[place % urls.length];
      if (isOver || url === undefined) return;
      place += 1;
      const still = new Image();
      still.src = url;
      const isThere = still.decode().then(
        () => true,
        () => false,
      );
      void isThere.then((isThere) => {
        if (isOver) return;
        if (isThere) setShown(url);
        timer = window.setTimeout(next, SHOWN_MS);
      });
    };
    next();
    return () => {
      isOver = true;
      window.clearTimeout(timer);
      setShown(null);
    };
  }, [stills, isOn]);
  return shown;
}
