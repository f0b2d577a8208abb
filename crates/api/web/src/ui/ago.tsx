import { useSyncExternalStore } from 'react';
import { ago, dateTime } from './format';

/** How long ago something was, kept true while the page is open; the exact time is its title. */
export function Ago({ at }: { at: string }) {
  const current = useSyncExternalStore(subscribe, () => now);
  return (
    <time dateTime={at} title={dateTime(at)}>
      {ago(at, current)}
    </time>
  );
}

let now = Date.now();

/** How often the words are looked at again, milliseconds. */
const EVERY = 30_000;

function subscribe(listener: () => void): () => void {
  const look = () => {
    now = Date.now();
    listener();
  };
  look();
  const timer = setInterval(look, EVERY);
  return () => clearInterval(timer);
}
